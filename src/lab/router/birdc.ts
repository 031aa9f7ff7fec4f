// birdc of a router: what BIRD answers to the commands that people and orion give, with its four-digit codes.
import { failed, type Output, type Program } from '../host/machine.ts'
import { configureFile, hostNameOf, mistakeOf, runningBird, undo } from './bird.ts'
import { birdVersionOf } from './bird-config.ts'
import { showProtocols } from './bird-protocols.ts'
import { showRoutes } from './bird-routes.ts'
import { bgpSessions, interfaceTo } from './bird-sessions.ts'
import { type BirdTalk, birdTime } from './bird-talk.ts'

const CONFIG = '/etc/bird/bird.conf'
/** BIRD's own where `timeout` stands alone. */
const UNDO_SECONDS = 300

/** `[-v] [-r] COMMAND …`; a reply whose last code is 8000 or more ends with 1, as birdc does it. */
export const birdc: Program = (machine, args) => {
  const { host, world } = machine
  const version = birdVersionOf(host)
  if (version === undefined) return failed(127, 'sh: 1: birdc: not found')
  const bird = runningBird(world, host)
  if (!bird)
    return failed(1, 'Unable to connect to server control socket (/run/bird/bird.ctl): No such file or directory')
  const flags = args.slice(
    0,
    args.findIndex((arg) => !arg.startsWith('-')),
  )
  const reply = answer({ machine, host, ...bird }, args.slice(flags.length).join(' '))
  return toOutput([`0001 BIRD ${version} ready.`, ...reply], flags.includes('-v'))
}

function toOutput(lines: readonly string[], verbose: boolean): Output {
  const codes = lines.flatMap((line) => /^(\d{4})[- ]/.exec(line)?.[1] ?? [])
  const plain = lines.map((line) => (/^\d{4}[- ]/.test(line) ? line.slice(5) : line.replace(/^ {5}/, '')))
  return { code: Number(codes.at(-1) ?? 0) >= 8000 ? 1 : 0, stdout: `${(verbose ? lines : plain).join('\n')}\n` }
}

function answer(talk: BirdTalk, text: string): readonly string[] {
  const [verb = '', ...words] = text.split(/\s+/).filter((word) => word !== '')
  if (verb === 'show') return show(talk, words)
  if (verb === 'configure')
    return configure(
      talk,
      words.map((word) => word.replace(/^"|"$/g, '')),
    )
  if (['enable', 'disable', 'restart', 'reload'].includes(verb)) return onProtocol(talk, verb, words)
  if (verb === 'down' || text === 'graceful restart') return leave(talk)
  return ['9001 syntax error, unexpected CF_SYM_UNDEFINED']
}

function show(talk: BirdTalk, [what = '', ...rest]: readonly string[]): readonly string[] {
  if (what === 'status') return showStatus(talk)
  if (what === 'protocols') return showProtocols(talk, rest)
  if (what === 'route') return showRoutes(talk, rest)
  if (what === 'bfd' && rest[0] === 'sessions') return showBfd(talk)
  return ['9001 syntax error, unexpected CF_SYM_UNDEFINED']
}

function showStatus({ machine, host, state, config }: BirdTalk): string[] {
  return [
    `1000-BIRD ${birdVersionOf(host)}`,
    `1011-Router ID is ${config.routerId}`,
    `     Hostname is ${hostNameOf(host)}`,
    `     Current server time is ${birdTime(machine.world.now())}.000`,
    `     Last reboot on ${birdTime(state.startedMs)}.000`,
    `     Last reconfiguration on ${birdTime(state.configuredMs)}.000`,
    '0013 Daemon is up and running',
  ]
}

function showBfd({ host, state, config }: BirdTalk): string[] {
  const protocol = config.protocols.find(({ type }) => type === 'bfd')
  if (!protocol) return ['8003 There is no BFD protocol running']
  const sessions = bgpSessions(host, config).filter(
    ({ isUp, protocol: { statements } }) => isUp && statements.some((one) => one === 'bfd on'),
  )
  const rows = sessions.map(({ address, protocol: { name } }) => {
    const since = birdTime(state.since[name] ?? state.startedMs)
    return `     ${address.padEnd(25)} ${interfaceTo(host, address).padEnd(10)} Up         ${since}    0.300    0.900`
  })
  const head = '     IP address                Interface  State      Since         Interval  Timeout'
  return [`1020-${protocol.name}:`, head, ...rows, '0000 ']
}

/** `configure [check] [soft] [FILE] [timeout [N]]`, `configure confirm`, `configure undo`. */
function configure({ machine: { world }, host, state }: BirdTalk, words: readonly string[]): readonly string[] {
  if (words[0] === 'confirm') {
    const waits = state.undo !== undefined
    delete state.undo
    world.changed()
    return [waits ? '0018 Reconfiguration confirmed' : '0019 Nothing to do']
  }
  if (words[0] === 'undo') {
    if (!state.undo) return ['0019 Nothing to do']
    undo(world, host, state)
    return ['0021 Undo requested', '0003 Reconfigured']
  }
  const path = words.find((word) => word.startsWith('/')) ?? CONFIG
  const head = `0002-Reading configuration from ${path}`
  if (words.includes('check')) {
    const wrong = mistakeOf(host, path)
    return [head, wrong === undefined ? '0020 Configuration OK' : `8002 ${wrong}`]
  }
  const at = words.indexOf('timeout')
  const seconds = at < 0 ? undefined : Number(words[at + 1] ?? UNDO_SECONDS)
  // Whatever is configured in between, also what is refused, takes the undo that was waiting away.
  delete state.undo
  const wrong = configureFile(world, host, state, path, seconds)
  if (wrong !== undefined) return [head, `8002 ${wrong}`]
  return [head, ...(seconds === undefined ? [] : [`0022-Undo scheduled in ${seconds} s`]), '0003 Reconfigured']
}

function onProtocol({ machine, state, config }: BirdTalk, verb: string, words: readonly string[]): readonly string[] {
  const name = (words.at(-1) ?? '').replace(/^["']|["']$/g, '')
  if (!config.protocols.some((one) => one.name === name)) return [`8003 No protocols match`]
  const disabled = new Set(state.disabled)
  const was = disabled.has(name)
  if (verb === 'disable') disabled.add(name)
  if (verb === 'enable') disabled.delete(name)
  state.disabled = [...disabled]
  if (verb !== 'reload' && was !== (verb === 'disable')) state.since[name] = machine.world.now()
  machine.world.changed()
  const codes = {
    enable: was ? '0011-' : '0010-',
    disable: was ? '0008-' : '0009-',
    restart: was ? '0008-' : '0012-',
    reload: was ? '0008-' : '0015-',
  } as const
  const said = { enable: was ? 'enabled' : 'already enabled', disable: was ? 'already disabled' : 'disabled' }
  const what = verb === 'enable' || verb === 'disable' ? said[verb] : was ? 'already disabled' : `${verb}ed`
  return [`${codes[verb as keyof typeof codes]}${name}: ${what}`, '0000 ']
}

/** BIRD ends; its unit with it. */
function leave({ machine: { world }, host }: BirdTalk): string[] {
  delete host.bird
  const unit = host.units['bird.service']
  if (unit) unit.active = false
  world.changed()
  return ['0007 Shutdown requested']
}
