# Laketop: an AWS lakehouse on this machine. Each target calls one sub-command of `laketop`; the script before it sets up
# what is missing and returns at once where nothing is.
LAKETOP := python3 services/laketop/stack/bootstrap.py $(if $(DEBUG),--debug)

# Which environment, which release, and the account that is meant.
TARGET = --env $(or $(ENV),local)
RELEASE = $(if $(ARTIFACTS),--artifacts '$(ARTIFACTS)')
CONFIRMED = $(if $(CONFIRM),--confirm '$(CONFIRM)')

.DEFAULT_GOAL := help
.PHONY: help up down reset status logs doctor build bootstrap plan deploy destroy sql dashboard demo cost new-dataset quality \
	lint validate lock test test-long e2e e2e-docker coverage fuzz plan-report plan-comment fetch-release quality-issues

help:  ## print this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z][a-z0-9-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ The lake
up:  ## tools, stack, Terraform, sample data (SAMPLE=0: no data, DEPLOY=0: the parts alone; LAKETOP_MODE=process or docker)
	@$(LAKETOP) up $(if $(filter 0,$(SAMPLE)),--no-sample) $(if $(filter 0,$(DEPLOY)),--no-deploy)

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

##@ From here to AWS: ENV=local (this machine), dev, staging or prod; CONFIRM=<account id> where it is not local
build:  ## what is deployed, as dist/<release>: the same sources give the same bytes and name
	@$(LAKETOP) build

bootstrap:  ## make the bucket of Terraform's state, once an environment and account (ENV=dev CONFIRM=…)
	@$(LAKETOP) bootstrap $(TARGET) $(CONFIRMED)

plan:  ## what Terraform would change (ENV=dev, ARTIFACTS=dist/<release>)
	@$(LAKETOP) plan $(TARGET) $(RELEASE)

deploy:  ## apply Terraform (ENV=dev CONFIRM=… ARTIFACTS=dist/<release>)
	@$(LAKETOP) deploy $(TARGET) $(RELEASE) $(CONFIRMED)

e2e:  ## the whole pipeline, tested there (ENV=dev CONFIRM=…)
	@$(LAKETOP) e2e $(TARGET) $(CONFIRMED)

e2e-docker:  ## the same suite on a lake in containers; it needs a Docker engine (SHORT=1: a part, as in CI)
	@$(LAKETOP) e2e --docker $(if $(SHORT),--short)

destroy:  ## take it down, with its data (ENV=dev CONFIRM=…)
	@$(LAKETOP) destroy $(TARGET) $(CONFIRMED)

##@ The pipeline
sql: export LAKETOP_QUERY = $(value Q)
sql:  ## run a query on Athena (Q="select 1", FORMAT=csv)
	@printf '%s' "$$LAKETOP_QUERY" | $(LAKETOP) sql - $(if $(FORMAT),--format $(FORMAT))

dashboard:  ## where the team's dashboard is (OPEN=1; PAGE=1: the page for everybody, KEY=1: its key; ENV=dev: serves it here)
	@$(LAKETOP) dashboard $(TARGET) $(if $(PAGE),--page) $(if $(OPEN),--open) $(if $(KEY),--key)

demo:  ## good, dirty, duplicate, late and corrupt files, and what becomes of each
	@$(LAKETOP) demo

cost:  ## what the last run would have cost on AWS (ENV=local, DAYS=1: the last day, FORMAT=json)
	@$(LAKETOP) cost --env $(or $(ENV),local) $(if $(DAYS),--days $(DAYS)) $(if $(FORMAT),--format $(FORMAT))

new-dataset:  ## a contract from a file, and its job (NAME=flights FILE=flights.csv OWNER=you@example.com)
	@$(LAKETOP) new-dataset --name '$(NAME)' --file '$(FILE)' $(if $(OWNER),--owner '$(OWNER)') $(if $(FORCE),--force)

quality:  ## the quality rules that are broken now (ENV=local, FORMAT=csv)
	@$(LAKETOP) quality $(TARGET) $(if $(FORMAT),--format $(FORMAT))

##@ Development
lint:  ## every static check (ONLY=locks, python, terraform, containers, workflows)
	@$(LAKETOP) lint $(foreach group,$(ONLY),--only $(group))

validate:  ## Terraform: every environment is valid, and the modules' own tests pass
	@$(LAKETOP) validate

test:  ## all that CI runs (ONLY=unit, unit-glue, unit-jobs, unit-localstack, contract, e2e)
	@$(LAKETOP) test $(foreach stage,$(ONLY),--only $(stage))

test-long:  ## the long forms too
	@$(LAKETOP) test --long

fuzz:  ## Athena's SQL against a Trino 435 of yours at LAKETOP_TRINO_URL (MINUTES=60, SEED=1, FAMILY=strings)
	@$(LAKETOP) fuzz --minutes $(or $(MINUTES),60) --seed $(or $(SEED),1) $(if $(FAMILY),--family $(FAMILY))

lock:  ## renew the locks and requirements*.txt
	@$(LAKETOP) lock

##@ For the workflows at GitHub; by hand they need GITHUB_REPOSITORY=owner/name and GITHUB_TOKEN
coverage:  ## of all stages together, where they ran apart
	@$(LAKETOP) coverage

plan-report:  ## a plan as Markdown (ENV=dev, OUT=plans/dev.md)
	@$(LAKETOP) plan-report $(TARGET) --out '$(OUT)'

plan-comment:  ## the plans in a folder as one comment (PLANS=plans, PULL_REQUEST=7)
	@$(LAKETOP) plan-comment --plans '$(PLANS)' --pull-request '$(PULL_REQUEST)'

# LAKETOP_RELEASE comes by the environment: what a person typed at GitHub is no text for a shell or for make
fetch-release:  ## an earlier release into dist/ (LAKETOP_RELEASE=16 hex digits)
	@$(LAKETOP) fetch-release

quality-issues:  ## an issue for each broken quality rule (ENV=dev)
	@$(LAKETOP) quality-issues $(TARGET)
