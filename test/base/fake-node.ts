// A node for tests of `bootstrap access`: certificates by openssl, and the access part of Proxmox VE behind pvesh.
import type { Host, Output } from '../../src/host/host.ts'

export interface FakeNode {
  readonly host: (name: string) => Promise<Host>
  /** Every pvesh, without the output format. */
  readonly ran: string[]
  /** Secrets of tokens that were made, in order. */
  readonly secrets: string[]
  /** Certificates by node; may be changed. */
  readonly certificates: Record<string, string>
  /** Errors of hosts that cannot be reached. */
  readonly down: Map<string, Error>
}

export const print = (byte: string) => Array(32).fill(byte).join(':')

const ok = (data: unknown): Output => ({ code: 0, stdout: JSON.stringify(data), stderr: '' })
const no = (stderr: string): Output => ({ code: 255, stdout: '', stderr })

/** Starts without role, user and token. */
export function fakeNode(certificates: Record<string, string>): FakeNode {
  const world = { roles: new Map<string, string>(), users: new Map<string, string[]>(), acl: [] as object[] }
  const ran: string[] = []
  const secrets: string[] = []
  const down = new Map<string, Error>()
  const pvesh = (verb: string, path: string, options: ReadonlyMap<string, string>): Output => {
    const [, , , user = '', , token = ''] = path.split('/')
    const tokens = world.users.get(user)
    if (path === '/version') return ok({ version: '9.1.4' })
    if (path === '/access/roles') {
      if (verb === 'get') return ok([...world.roles].map(([roleid, privs]) => ({ roleid, privs })))
      world.roles.set(options.get('--roleid') ?? '', options.get('--privs') ?? '')
      return ok(null)
    }
    if (path === '/access/acl') {
      if (verb === 'get') return ok(world.acl)
      const { '--roles': roleid, '--users': ugid } = Object.fromEntries(options)
      world.acl.push({ path: '/', type: 'user', ugid, roleid, propagate: 1 })
      return ok(null)
    }
    if (path === '/access/users') {
      world.users.set(options.get('--userid') ?? '', [])
      return ok(null)
    }
    if (tokens === undefined) return no(`no such user ('${user}')\n`)
    if (token === '') return ok({ enable: 1, tokens: Object.fromEntries(tokens.map((one) => [one, { privsep: 0 }])) })
    if (verb === 'delete') {
      tokens.splice(0)
      return ok(null)
    }
    if (tokens.includes(token)) return no('400 Parameter verification failed.\ntokenid: Token already exists.\n')
    tokens.push(token)
    secrets.push(`geheim-${secrets.length + 1}`)
    return ok({ 'full-tokenid': `${user}!${token}`, value: secrets.at(-1) })
  }
  const none = async (): Promise<never> => {
    throw new Error('not here')
  }
  const host = async (name: string): Promise<Host> => {
    const check = () => {
      const error = down.get(name)
      if (error) throw error
    }
    return {
      name,
      run: async ([, verb = '', path = '', ...options]) => {
        check()
        ran.push([verb, path, ...options.slice(0, -2)].join(' '))
        const pairs = options.flatMap((word, at) => (at % 2 === 0 ? [[word, options[at + 1] ?? ''] as const] : []))
        return pvesh(verb, path, new Map(pairs))
      },
      read: async ({ commands = {} }) => {
        check()
        const outputs = Object.entries(commands).map(([key, argv]) => [key, openssl(argv)] as const)
        return { files: new Map(), commands: new Map(outputs) }
      },
      write: none,
      once: (_, read) => read(),
      forget: () => {},
      ends: none,
      fresh: none,
      guard: { change: none, states: none, holder: none, undo: none },
      close: async () => {},
    }
  }
  const openssl = (argv: readonly string[]): Output => {
    const [, node = ''] = /^\/etc\/pve\/nodes\/([^/]+)\/pve-ssl\.pem$/.exec(argv.at(-1) ?? '') ?? []
    const fingerprint = certificates[node]
    if (fingerprint === undefined) return { code: 1, stdout: '', stderr: 'Could not open file' }
    return { code: 0, stdout: `sha256 Fingerprint=${fingerprint}\n`, stderr: '' }
  }
  return { host, ran, secrets, certificates, down }
}
