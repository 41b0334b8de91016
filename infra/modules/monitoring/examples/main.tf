# Alarms on one state machine and one function, told by mail; four hours of silence are an alarm too.

module "monitoring" {
  source = "../"

  name               = "shop-dev"
  key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  state_machines     = { transform = "arn:aws:states:eu-central-1:123456789012:stateMachine:shop-dev-transform" }
  function_names     = { loader = "shop-dev-loader" }
  dead_letter_queues = { events = "shop-dev-events-dead-letters" }
  work_group         = "shop-dev"
  alert_emails       = ["data-team@example.com"]
  freshness_hours    = 4
}
