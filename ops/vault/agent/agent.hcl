# What the agents of all parts have alike: `vault agent -config=agent.hcl -config=registration.hcl`. Each logs in as the
# service account of its pod, for which auth/kubernetes has a role with the policy of that part alone.
vault {
  address = "https://vault.vault.svc:8200"
  ca_cert = "/run/internal-ca/ca.crt"
}

template_config {
  # How late a change in the key-value store arrives. Logins of the database are renewed by their own time.
  static_secret_render_interval = "10s"
  # A pod whose secrets cannot be had does not start.
  exit_on_retry_failure = true
}
