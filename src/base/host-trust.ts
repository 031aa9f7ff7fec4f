// The key of a host that nobody knows yet: a guest's own agent tells it, else the operator compares its fingerprint.
import { OrionError } from '../errors.ts'
import type { UnknownKey } from '../host/connect.ts'
import type { Host } from '../host/host.ts'
import type { Guest } from '../site/site.ts'

/** A yes or no at a terminal; false where nobody can be asked. */
export type AskYes = (question: string) => Promise<boolean>

/** An agent that does not answer is not waited for longer. */
const AGENT_MS = 20_000

/** Whether a node's key is to be trusted: the operator says it. */
export function trustNode(ask: AskYes): (key: UnknownKey) => Promise<boolean> {
  return (key) => ask(toQuestion(key))
}

/**
 * The same of a guest. Root on its node can ask the guest agent (QEMU's own channel, no network) for the key: one that is equal
 * needs no question. Errors: E_HOST_KEY where the agent tells another one.
 */
export function trustGuest(
  guest: Guest,
  ask: AskYes,
  through: (node: string) => Promise<Host>,
): (key: UnknownKey) => Promise<boolean> {
  return async (key) => {
    const told = await askAgent(guest, key, through).catch(() => undefined)
    if (told === undefined) return await ask(toQuestion(key))
    if (told === key.fingerprint) return true
    const { type, fingerprint } = key
    const message = `${guest.name} shows a key that is not the one which its guest agent tells: ${type} ${fingerprint}`
    throw new OrionError(`${message} and not ${told}`, {
      code: 'E_HOST_KEY',
      suggestions: [`somebody else may answer at ${key.host}: look at ${guest.name} in the console of Proxmox VE`],
    })
  }
}

/** The fingerprint of its key of this type; undefined where there is no agent, or no such key. */
async function askAgent(guest: Guest, { type }: UnknownKey, through: (node: string) => Promise<Host>) {
  if (guest.kind !== 'vm' || !guest.agent) return undefined
  const file = `/etc/ssh/ssh_host_${type.replace(/^ssh-|-sha2-.*$/g, '')}_key.pub`
  const path = `/nodes/${guest.node}/qemu/${guest.vmid}/agent/file-read`
  const node = await through(guest.node)
  const argv = ['pvesh', 'get', path, '--file', file, '--output-format', 'json']
  const { stdout } = await node.run(argv, { timeoutMs: AGENT_MS })
  const { content } = JSON.parse(stdout) as { content?: unknown }
  const [, blob = ''] = String(content ?? '').split(' ')
  const { getFingerprint } = await import('../host/host-key.ts')
  return blob === '' ? undefined : getFingerprint(Buffer.from(blob, 'base64'))
}

function toQuestion({ name, host, port, type, fingerprint }: UnknownKey): string {
  const where = port === 22 ? host : `${host} port ${port}`
  return `${name} (${where}) is not known yet. Its host key: ${type} ${fingerprint}. Is that ${name}'s key?`
}
