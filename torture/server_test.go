package torture

const (
	app           = 1400000123
	key           = "7f3c0e5b9a1d4826c1e0b7f59d3a6482"
	configuration = `
log: {level: error}
apps:
  - sdk_app_id: 1400000123
    secret_key: 7f3c0e5b9a1d4826c1e0b7f59d3a6482
    webhook: {allow_private_addresses: true, timeout: 1s, retry_first_delay: 20ms, retry_max_delay: 200ms}
`
)
