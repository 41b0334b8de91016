# A dashboard whose API also wants a person of a user pool, in an account without a logging role of API Gateway's yet.

module "dashboard" {
  source = "../"

  name            = "shop-dev"
  function_name   = "shop-dev-api-handler"
  function_arn    = "arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-api-handler"
  files_dir       = "../../../tests/artefacts/dashboard"
  key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_bucket     = "shop-dev-logs"
  user_pool_arn   = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_Ab12Cd34E"
  account_logging = true
}
