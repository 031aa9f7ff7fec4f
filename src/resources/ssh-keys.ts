// Public SSH keys of a guest, as Proxmox VE takes them and as people read them.

/**
 * `sshkeys` of a VM: the value itself is percent-encoded (the form encodes it once more), and so it reads back.
 * Proxmox VE takes only `-%a-zA-Z0-9_.!~*'()`, which is what encodeURIComponent gives.
 */
export function encodeKeys(keys: readonly string[]): string {
  return encodeURIComponent(plainKeys(keys))
}

/** `ssh-public-keys` of a container: plain text, one key a line. */
export function plainKeys(keys: readonly string[]): string {
  return keys.map((key) => key.trim()).join('\n')
}

/** The keys of a stored `sshkeys`, one a line; what another tool stored need not be percent-encoded as we do it. */
export function decodeKeys(text: string): string {
  const lines = decoded(text).split('\n')
  return plainKeys(lines.filter((line) => line.trim() !== ''))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `ssh-ed25519 …zCq3Lk0w ops@site` for each line; the whole key says nothing more to a person. */
export function showKeys(text: string): string {
  const lines = text === '' ? [] : text.split('\n')
  return lines.map(showKey).join(', ')
}

function showKey(line: string): string {
  const [type = '', key = '', ...comment] = line.split(/\s+/)
  return [type, `…${key.slice(-8)}`, ...comment].join(' ')
}
