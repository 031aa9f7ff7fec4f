// A host in a tailnet: logged in once with an auth key, and what it offers to the others there.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Difference, Note, Outside, Resource, ResourceId } from '../resource.ts'
import type { SecretRef } from '../site/secret.ts'
import { readSecrets } from './host-secrets.ts'

export interface TailscaleLoginOptions {
  readonly host: string
  readonly authKey: SecretRef
  /** CIDRs. */
  readonly routes: readonly string[]
  /** `tag:NAME`. */
  readonly tags: readonly string[]
  /** POSIX; arguments: routes and tags, each with commas; the auth key on standard input. */
  readonly program: string
  readonly needs: readonly ResourceId[]
}

interface Login {
  /** `Running`, `NeedsLogin`, `NeedsMachineAuth`, `Stopped`, … */
  readonly state: string
  readonly routes: readonly string[]
  readonly tags: readonly string[]
  readonly acceptsDns: boolean
}

/** `tailscale up` has waited 60 s by then. */
const LOGIN_MS = 120_000
const STATUS = ['tailscale', 'status', '--json']
const PREFERENCES = ['tailscale', 'debug', 'prefs']
/** All IPv4 and all IPv6: offered by --advertise-exit-node, which is the operator's. */
const EXIT = new Set(['0.0.0.0/0', '::/0'])

/**
 * Absent while nobody is logged in. Errors: E_SECRET where a login is needed and the key cannot be had; E_HOST_COMMAND with what
 * tailscale says; E_HOST_FACTS where it says what orion does not understand.
 */
export function tailscaleLogin(options: TailscaleLoginOptions): Resource<Login> {
  const { host: name, routes, tags, needs } = options
  const wanted = { routes: sorted(routes), tags: sorted(tags) }
  const keyOf = async (outside: Outside) => {
    const values = await readSecrets(`Tailscale on ${name}`, { key: options.authKey }, outside)
    return oneLine(name, values.get('key') ?? '')
  }
  return {
    id: `tailscale:${name}/login`,
    title: `${name} in the tailnet`,
    needs,
    observe: async (outside) => {
      const seen = await readLogin(await outside.host(name))
      if (seen !== undefined && seen.state !== 'NeedsLogin' && seen.state !== 'NoState') return seen
      // Asked for now: a key that cannot be had is an error of the plan.
      await keyOf(outside)
      return undefined
    },
    diff: (have) => (have === undefined ? newLogin(wanted) : diffLogin(name, have, wanted)),
    create: async (outside, note) => {
      const host = await outside.host(name)
      await logIn(host, options, await keyOf(outside))
      tellApproval(routes, note)
    },
    update: async (outside, have, note) => {
      const host = await outside.host(name)
      // Without any flag it only connects again; with one, it wants all others told, too.
      if (have.state !== 'Running') await host.run(['tailscale', 'up'], { timeoutMs: LOGIN_MS })
      if (have.acceptsDns) await host.run(['tailscale', 'set', '--accept-dns=false'])
      if (join(have.routes) === join(wanted.routes)) return
      await host.run(['tailscale', 'set', `--advertise-routes=${routes.join(',')}`])
      tellApproval(routes, note)
    },
    remove: async (outside) => void (await (await outside.host(name)).run(['tailscale', 'logout'])),
  }
}

async function readLogin(host: Host): Promise<Login | undefined> {
  const { commands } = await host.read({ commands: { status: STATUS, preferences: PREFERENCES } })
  const [status, preferences] = [commands.get('status'), commands.get('preferences')]
  // Not installed, or its daemon does not run yet.
  if (status?.code !== 0 || preferences?.code !== 0) return undefined
  const login = parseLogin(status.stdout, preferences.stdout)
  if (login !== undefined) return login
  throw new OrionError(`tailscale on ${host.name} says what orion does not understand`, {
    code: 'E_HOST_FACTS',
    suggestions: [`on ${host.name}: ${STATUS.join(' ')}, and ${PREFERENCES.join(' ')}`],
  })
}

function parseLogin(status: string, preferences: string): Login | undefined {
  const [{ BackendState }, prefs] = [parsed(status), parsed(preferences)]
  if (typeof BackendState !== 'string' || typeof prefs.CorpDNS !== 'boolean') return undefined
  const routes = texts(prefs.AdvertiseRoutes).filter((route) => !EXIT.has(route))
  return {
    state: BackendState,
    routes: sorted(routes),
    tags: sorted(texts(prefs.AdvertiseTags)),
    acceptsDns: prefs.CorpDNS,
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Go writes an empty list as null. */
function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

type Wanted = Pick<Login, 'routes' | 'tags'>

function newLogin({ routes, tags }: Wanted): readonly Difference[] {
  return [
    { field: 'login', want: 'Running' },
    ...(routes.length === 0 ? [] : [{ field: 'routes', want: join(routes) }]),
    ...(tags.length === 0 ? [] : [{ field: 'tags', want: join(tags) }]),
  ]
}

function diffLogin(host: string, have: Login, want: Wanted): readonly Difference[] {
  return [
    ...diffState(host, have.state),
    ...(have.acceptsDns ? [{ field: 'accept-dns', have: 'true', want: 'false' }] : []),
    ...(join(have.routes) === join(want.routes)
      ? []
      : [{ field: 'routes', have: join(have.routes), want: join(want.routes) }]),
    ...diffTags(host, have, want),
  ]
}

function diffState(host: string, state: string): readonly Difference[] {
  if (state === 'Running' || state === 'Starting') return []
  const row = { field: 'login', have: state, want: 'Running' }
  if (state !== 'NeedsMachineAuth') return [row]
  return [{ ...row, immutable: true, hint: `approve ${host} in the admin console of the tailnet` }]
}

/** Tags are given at the login, and `tailscale set` has none. */
function diffTags(host: string, have: Login, want: Wanted): readonly Difference[] {
  if (join(have.tags) === join(want.tags)) return []
  const hint = `on ${host}: tailscale logout; then orion mesh apply logs it in with them`
  return [{ field: 'tags', have: join(have.tags), want: join(want.tags), immutable: true, hint }]
}

async function logIn(host: Host, { routes, tags, program }: TailscaleLoginOptions, key: string): Promise<void> {
  const argv = ['sh', '-c', program, 'orion-tailscale-login', routes.join(','), tags.join(',')]
  await host.run(argv, { input: `${key}\n`, timeoutMs: LOGIN_MS })
}

function tellApproval(routes: readonly string[], note: Note): void {
  if (routes.length === 0) return
  note({ kind: 'info', text: 'the routes count once they are approved in the admin console, or by its autoApprovers' })
}

function oneLine(host: string, text: string): string {
  const key = text.trim()
  if (/^[\x21-\x7e]{8,}$/.test(key)) return key
  throw new OrionError(`the auth key of Tailscale on ${host} is no key: one word is wanted`, { code: 'E_SECRET' })
}

function sorted(list: readonly string[]): readonly string[] {
  return list.toSorted()
}

function join(list: readonly string[]): string {
  return list.length === 0 ? 'none' : list.join(', ')
}
