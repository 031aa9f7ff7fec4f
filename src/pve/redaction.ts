// Keeps secrets out of what people read, also where Proxmox VE repeats them in an error.

/** Names of parameters whose values are secret, or that carry keys which nobody wants in a log. */
const SECRET =
  /^(.*password|.*secret|ci-?password|sshkeys|ssh-public-keys|ssh-keys|token|tokenvalue|ticket|otp|tfa.*|key|.*-key|keyring|private.*|CSRFPreventionToken)$/i
const MASK = '***'
const LONE_SURROGATE = /\p{Surrogate}/u

/** The secret texts among these parameters, in each form in which an answer could repeat them. */
export function getSecrets(params: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(params)
    .filter(([key]) => SECRET.test(key))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter((value) => typeof value === 'string' && value !== '')
    .flatMap(getForms)
}

/** The text without these secrets, without token headers and tickets, and without control characters but line ends. */
export function redact(text: string, secrets: readonly string[]): string {
  // The longest first: a secret that contains another one must not stay behind in pieces.
  const known = [...secrets].sort((a, b) => b.length - a.length)
  const hidden = known.reduce((rest, secret) => rest.replaceAll(secret, MASK), text)
  return hidden
    .replace(/PVEAPIToken=[^\s"',]+/g, `PVEAPIToken=${MASK}`)
    .replace(/PVE:[^\s:"']+:[0-9A-F]{8}::[A-Za-z0-9+/=%]+/g, MASK)
    .replace(/(?!\n)\p{Cc}/gu, ' ')
}

// sshkeys and `%` values travel encoded, once or twice; a message may show any stage, or a single line of the value.
function getForms(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.trim() !== '')
  return [...new Set([value, ...lines])].flatMap((form) => [form, ...encode(form), ...decode(form)])
}

function encode(text: string): string[] {
  const escaped = JSON.stringify(text).slice(1, -1)
  return LONE_SURROGATE.test(text) ? [escaped] : [escaped, encodeURIComponent(text)]
}

function decode(text: string): string[] {
  try {
    return [decodeURIComponent(text)]
  } catch {
    return []
  }
}
