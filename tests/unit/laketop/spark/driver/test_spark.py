from laketop.spark.driver.spark import properties

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "ASIA1",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_SESSION_TOKEN": "t",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
}
JOB = {
    "job_name": "j",
    "conf": {"spark.sql.x": "1"},
    "environment": ENVIRONMENT,
    "extra_py_files": [],
    "code": "/c",
    "cluster": None,
}


def test_the_runs_credentials_go_to_s3a_the_sdk_and_python_workers():
    settings = properties(JOB)
    s3a = "spark.hadoop.fs.s3a."
    assert [settings[s3a + name] for name in ("access.key", "secret.key", "session.token")] == ["ASIA1", "s", "t"]
    assert settings[s3a + "aws.credentials.provider"].endswith(".TemporaryAWSCredentialsProvider")
    assert [settings[f"aws.{name}"] for name in ("accessKeyId", "secretAccessKey", "sessionToken")] == [
        "ASIA1",
        "s",
        "t",
    ]
    assert settings["spark.executorEnv.AWS_SESSION_TOKEN"] == "t"
    assert settings[s3a + "endpoint"] == ENVIRONMENT["AWS_ENDPOINT_URL"]
    assert settings[s3a + "connection.ssl.enabled"] == "false"


def test_keys_without_a_token_use_the_provider_for_them():
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "AWS_SESSION_TOKEN"}
    settings = properties(JOB | {"environment": environment})
    assert settings["spark.hadoop.fs.s3a.aws.credentials.provider"].endswith(".SimpleAWSCredentialsProvider")
    assert "spark.hadoop.fs.s3a.session.token" not in settings


def test_without_an_endpoint_it_is_aws_over_tls():
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "AWS_ENDPOINT_URL"}
    settings = properties(JOB | {"environment": environment})
    assert settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] == "true"
    assert "spark.hadoop.fs.s3a.endpoint" not in settings


def test_the_jobs_own_settings_win():
    settings = properties(JOB | {"conf": {"spark.app.name": "mine", "spark.sql.x": "1"}})
    assert (settings["spark.app.name"], settings["spark.sql.x"]) == ("mine", "1")


def test_python_workers_import_what_the_script_imports():
    settings = properties(JOB | {"extra_py_files": ["s3://b/a.zip", "s3://b/m.py"]})
    assert settings["spark.executorEnv.PYTHONPATH"] == "/c/modules/a.zip:/c/modules"


ICEBERG = {
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.warehouse": "s3://b/w",
    "spark.sql.catalog.mine": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.mine.s3.path-style-access": "false",
    "spark.sql.catalog.other": "com.example.Catalog",
}


def test_icebergs_catalogs_address_buckets_by_path_unless_the_job_says_otherwise():
    settings = properties(JOB | {"conf": ICEBERG})
    assert {name: value for name, value in settings.items() if name.startswith("spark.sql.catalog.")} == {
        **ICEBERG,
        "spark.sql.catalog.lake.s3.path-style-access": "true",
    }


def test_icebergs_catalogs_on_aws_are_as_the_job_says():
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "AWS_ENDPOINT_URL"}
    settings = properties(JOB | {"conf": ICEBERG, "environment": environment})
    assert "spark.sql.catalog.lake.s3.path-style-access" not in settings


CLUSTER = {"settings": {"spark.executor.cores": "2", "spark.executor.extraClassPath": "/jars/a.jar:/mine"}}
FILES = ["s3://b/a.whl", "s3://b/m #1.py"]


def test_on_a_cluster_the_files_travel_and_are_found_where_executors_put_them():
    settings = properties(JOB | {"cluster": CLUSTER, "extra_py_files": FILES})
    assert settings["spark.files"] == "file:///c/modules/a.whl,file:///c/modules/m%20%231.py"
    assert settings["spark.executorEnv.PYTHONPATH"] == "./a.whl:.:/c/modules/a.whl:/c/modules"


def test_on_a_cluster_the_runs_own_files_travel_too():
    conf = {"spark.files": "s3://b/x.csv"}
    settings = properties(JOB | {"cluster": CLUSTER, "extra_py_files": FILES[:1], "conf": conf})
    assert settings["spark.files"] == "s3://b/x.csv,file:///c/modules/a.whl"
    assert properties(JOB | {"cluster": CLUSTER, "conf": conf})["spark.files"] == "s3://b/x.csv"
    assert "spark.files" not in properties(JOB | {"cluster": CLUSTER})
    assert "spark.files" not in properties(JOB | {"extra_py_files": FILES})


def test_on_a_cluster_the_agents_settings_have_the_runs_own_in_them():
    settings = properties(JOB | {"cluster": CLUSTER, "conf": {"spark.executor.extraClassPath": "/mine"}})
    assert {name: settings[name] for name in CLUSTER["settings"]} == CLUSTER["settings"]


def test_executors_elsewhere_are_told_javas_region():
    assert properties(JOB | {"cluster": CLUSTER})["spark.executorEnv.AWS_REGION"] == "eu-west-1"
    assert "spark.executorEnv.AWS_REGION" not in properties(JOB | {"cluster": CLUSTER, "environment": {}})
    assert "spark.executorEnv.AWS_REGION" not in properties(JOB)
