// tailscale on a simulated host: status, settings, login; a tailnet that takes every key, and approves nothing.
import { failed, type Output, ok, type Program } from '../host/machine.ts'
import type { HostState } from '../host/state.ts'
import { systemctl } from '../router/systemctl.ts'
import { fetchKey } from './archive.ts'
import { flagsOf, merged, SETTINGS, unsaidIn } from './settings.ts'
import { DAEMON, firstPreferences, type TailscaleState, tailscaleOf } from './tailscale-state.ts'

const AT_LOGIN = ['auth-key', 'timeout', 'reset', 'force-reauth']

/** `up`: all that differs from the default must be said again, or nothing at all. */
function up(known: TailscaleState, words: readonly string[]): Output {
  const flags = flagsOf(words, [...SETTINGS, ...AT_LOGIN])
  if ('refused' in flags) return failed(2, flags.refused)
  const isLogin = known.backend === 'NeedsLogin'
  if (isLogin && (flags.get('auth-key') ?? '') === '') return failed(1, 'timeout waiting for the login in a browser')
  const unsaid = flags.size === 0 || flags.has('reset') ? [] : unsaidIn(known.prefs, flags)
  if (unsaid.length > 0)
    return failed(
      1,
      `Error: changing settings via 'tailscale up' requires mentioning all\nnon-default flags: --${unsaid.join(', --')}`,
    )
  const prefs = merged(flags.has('reset') ? firstPreferences() : known.prefs, flags)
  if ('refused' in prefs) return failed(1, prefs.refused)
  Object.assign(known, { backend: 'Running', prefs })
  return ok()
}

/** `set`: of what is named alone; it has no tags. */
function set(known: TailscaleState, words: readonly string[]): Output {
  const flags = flagsOf(
    words,
    SETTINGS.filter((name) => name !== 'advertise-tags'),
  )
  if ('refused' in flags) return failed(2, flags.refused)
  if (flags.size === 0) return failed(2, 'USAGE\n  tailscale set [flags]')
  const prefs = merged(known.prefs, flags)
  if ('refused' in prefs) return failed(1, prefs.refused)
  known.prefs = prefs
  return ok()
}

function answer(known: TailscaleState, [command = '', ...words]: readonly string[]): Output {
  const line = [command, ...words].join(' ')
  if (line === 'status --json') return ok(`${JSON.stringify({ BackendState: known.backend, Peer: null })}\n`)
  if (line === 'debug prefs') return ok(`${JSON.stringify(known.prefs)}\n`)
  if (command === 'up') return up(known, words)
  if (command === 'set') return set(known, words)
  if (line === 'logout') Object.assign(known, { backend: 'NeedsLogin', prefs: firstPreferences() })
  else if (line === 'down' && known.backend === 'Running') known.backend = 'Stopped'
  else if (line !== 'down') return failed(1, `tailscale: the lab does not know: ${command}`)
  return ok()
}

const tailscale: Program = ({ host, world }, args) => {
  if (host.packages.tailscale === undefined) return failed(127, 'sh: 1: tailscale: not found')
  if (host.units[DAEMON]?.active !== true)
    return failed(1, "failed to connect to local tailscaled; it doesn't appear to be running")
  const output = answer(tailscaleOf(host), args)
  world.changed()
  return output
}

/** `orion-tailscale-login ROUTES TAGS`, the auth key on standard input. */
const logIn: Program = async (machine, [routes = '', tags = ''], io) => {
  const key = (await io.input()).toString('utf8').trim()
  const enabled = await systemctl(machine, ['enable', '--now', '--quiet', DAEMON], io)
  if (enabled.code !== 0) return enabled
  const offered = [`--advertise-routes=${routes}`, `--advertise-tags=${tags}`]
  return tailscale(machine, ['up', `--auth-key=${key}`, '--timeout=60s', '--accept-dns=false', ...offered], io)
}

/** `-Hlun`: UDP ports that somebody listens on, the kernel's WireGuard among them. */
const ss: Program = ({ host }, [options = '']) => {
  if (options !== '-Hlun') return failed(255, `ss: the lab knows -Hlun, not ${options}`)
  return ok(
    udpPorts(host)
      .map((port) => `UNCONN 0      0      0.0.0.0:${port}      0.0.0.0:*\n`)
      .join(''),
  )
}

function udpPorts(host: HostState): number[] {
  const tunnels = Object.values(host.mesh?.tunnels ?? {}).map(({ port }) => port)
  const own = host.units[DAEMON]?.active === true ? host.tailscale?.port : undefined
  return [...new Set([...tunnels, ...(own === undefined ? [] : [own])])]
}

export const tailscalePrograms: Readonly<Record<string, Program>> = { ss, tailscale }

export const tailscaleScripts: Readonly<Record<string, Program>> = {
  'orion-tailscale-key': fetchKey,
  'orion-tailscale-login': logIn,
}
