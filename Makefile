# Laketop: an AWS lakehouse on this machine. Each target calls one sub-command of `laketop`; the script before it sets up
# what is missing and returns at once where nothing is.
LAKETOP := python3 services/laketop/stack/bootstrap.py $(if $(DEBUG),--debug)

.DEFAULT_GOAL := help
.PHONY: help up down reset status logs doctor deploy plan sql demo cost new-dataset lint lock test test-long e2e fuzz

help:  ## print this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z][a-z0-9-]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ The lake
up:  ## tools, stack, Terraform, sample data (SAMPLE=0: none; settings: LAKETOP_PORT, LAKETOP_STATE, LAKETOP_SPARK_POOL)
	@$(LAKETOP) up $(if $(filter 0,$(SAMPLE)),--no-sample)

down:  ## stop the lake; objects, catalog and history are kept
	@$(LAKETOP) down

reset:  ## stop the lake and delete all it holds
	@$(LAKETOP) reset

status:  ## one line per part
	@$(LAKETOP) status

logs:  ## what the parts wrote (PART=glue, FOLLOW=1)
	@$(LAKETOP) logs $(if $(PART),--part $(PART)) $(if $(FOLLOW),--follow)

doctor:  ## settings, tools, ports, disk, memory, left-overs
	@$(LAKETOP) doctor

##@ The pipeline
deploy:  ## apply Terraform (ENV=local)
	@$(LAKETOP) deploy --env $(or $(ENV),local)

plan:  ## what Terraform would change (ENV=local)
	@$(LAKETOP) plan --env $(or $(ENV),local)

sql: export LAKETOP_QUERY = $(value Q)
sql:  ## run a query on Athena (Q="select 1", FORMAT=csv)
	@printf '%s' "$$LAKETOP_QUERY" | $(LAKETOP) sql - $(if $(FORMAT),--format $(FORMAT))

demo:  ## good, dirty, duplicate, late and corrupt files, and what becomes of each
	@$(LAKETOP) demo

cost:  ## what the last run would have cost on AWS (ENV=local, DAYS=1: the last day, FORMAT=json)
	@$(LAKETOP) cost --env $(or $(ENV),local) $(if $(DAYS),--days $(DAYS)) $(if $(FORMAT),--format $(FORMAT))

new-dataset:  ## a contract from a file, and its job (NAME=flights FILE=flights.csv OWNER=you@example.com)
	@$(LAKETOP) new-dataset --name '$(NAME)' --file '$(FILE)' $(if $(OWNER),--owner '$(OWNER)') $(if $(FORCE),--force)

##@ Development
lint:  ## ruff, mypy, import-linter, terraform fmt
	@$(LAKETOP) lint

test:  ## all that CI runs (ONLY=unit, unit-glue, unit-jobs, unit-localstack, contract, e2e)
	@$(LAKETOP) test $(foreach stage,$(ONLY),--only $(stage))

test-long:  ## the long forms too
	@$(LAKETOP) test --long

e2e:  ## the whole stack on processes
	@$(LAKETOP) test --only e2e

fuzz:  ## Athena's SQL against a Trino 435 of yours at LAKETOP_TRINO_URL (MINUTES=60, SEED=1, FAMILY=strings)
	@$(LAKETOP) fuzz --minutes $(or $(MINUTES),60) --seed $(or $(SEED),1) $(if $(FAMILY),--family $(FAMILY))

lock:  ## renew the locks and requirements*.txt
	@$(LAKETOP) lock
