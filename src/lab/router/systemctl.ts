// systemctl of a router: its verbs on units, with the words and codes of systemd.
import { failed, type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { startUnit, stopUnit, textOf, unitOf } from './units.ts'

const withType = (unit: string) => (/\.(service|timer|socket|target|path|mount)$/.test(unit) ? unit : `${unit}.service`)

/** `systemctl VERB UNIT…`. */
export const systemctl: Program = (machine, args) => {
  const [verb = '', ...named] = args.filter((arg) => !arg.startsWith('-'))
  const units = named.map(withType)
  if (['daemon-reload', 'list-jobs', 'daemon-reexec'].includes(verb)) return ok()
  if (verb === 'is-system-running') return ok('running\n')
  if (!Object.hasOwn(VERBS, verb)) return failed(1, `Unknown command verb '${verb}'.`)
  const outputs = units.map((unit) => VERBS[verb]?.(machine, unit, args) ?? ok())
  machine.world.changed()
  return {
    code: outputs.find(({ code }) => code !== 0)?.code ?? 0,
    stdout: outputs.map(({ stdout = '' }) => stdout).join(''),
    stderr: outputs.map(({ stderr = '' }) => stderr).join(''),
  }
}

type Verb = (machine: Machine, unit: string, args: readonly string[]) => Output

const isThere = ({ host }: Machine, unit: string) => textOf(host, unit) !== undefined

/** Only of units that are there. */
function ofUnit(act: Verb): Verb {
  return (machine, unit, args) =>
    isThere(machine, unit)
      ? act(machine, unit, args)
      : failed(5, `Failed to ${args[0]} ${unit}: Unit ${unit} not found.`)
}

const start: Verb = ({ world, host }, unit) => {
  const wrong = startUnit(world, host, unit)
  if (wrong === undefined) return ok()
  const hint = `See "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.`
  return failed(1, `Job for ${unit} failed because the control process exited with error code.\n${hint}\n${wrong}`)
}

const enable = (enabled: boolean): Verb =>
  ofUnit((machine, unit, args) => {
    unitOf(machine.host, unit).enabled = enabled
    if (!args.includes('--now')) return ok()
    if (enabled) return start(machine, unit, args)
    stopUnit(machine.host, unit)
    return ok()
  })

const VERBS: Readonly<Record<string, Verb>> = {
  'is-active': ({ host }, unit) => {
    const { active = false, failed: broken = false } = host.units[unit] ?? {}
    return { code: active ? 0 : 3, stdout: active ? 'active\n' : broken ? 'failed\n' : 'inactive\n' }
  },
  'is-enabled': (machine, unit) => {
    if (!isThere(machine, unit)) return { code: 4, stdout: 'not-found\n' }
    const enabled = machine.host.units[unit]?.enabled ?? false
    return { code: enabled ? 0 : 1, stdout: enabled ? 'enabled\n' : 'disabled\n' }
  },
  show: (machine, unit, args) => ok(`${propertiesOf(machine, unit, args).join('\n')}\n`),
  cat: ({ host }, unit) => {
    const text = textOf(host, unit)
    return text === undefined ? failed(1, `No files found for ${unit}.`) : ok(text)
  },
  start: ofUnit((machine, unit, args) => (machine.host.units[unit]?.active ? ok() : start(machine, unit, args))),
  restart: ofUnit((machine, unit, args) => {
    stopUnit(machine.host, unit)
    return start(machine, unit, args)
  }),
  'try-restart': ofUnit((machine, unit, args) =>
    machine.host.units[unit]?.active ? start(machine, unit, args) : ok(),
  ),
  reload: ofUnit((machine, unit, args) => {
    if (!machine.host.units[unit]?.active) return failed(1, `${unit} is not active, cannot reload.`)
    return start(machine, unit, args)
  }),
  'reload-or-restart': ofUnit(start),
  'try-reload-or-restart': ofUnit((machine, unit, args) =>
    machine.host.units[unit]?.active ? start(machine, unit, args) : ok(),
  ),
  stop: ofUnit(({ host }, unit) => {
    stopUnit(host, unit)
    return ok()
  }),
  enable: enable(true),
  disable: enable(false),
  'reset-failed': ofUnit(({ host }, unit) => {
    delete unitOf(host, unit).failed
    return ok()
  }),
}

function propertiesOf(machine: Machine, unit: string, args: readonly string[]): string[] {
  const asked = args.flatMap((arg) => /^(?:--property=|-p)(.+)$/.exec(arg)?.[1]?.split(',') ?? [])
  const { active = false, enabled = false, failed: broken = false } = machine.host.units[unit] ?? {}
  const there = isThere(machine, unit)
  const values: Record<string, string> = {
    Id: unit,
    LoadState: there ? 'loaded' : 'not-found',
    ActiveState: active ? 'active' : broken ? 'failed' : 'inactive',
    SubState: active ? 'running' : broken ? 'failed' : 'dead',
    UnitFileState: there ? (enabled ? 'enabled' : 'disabled') : '',
    MainPID: active ? '4711' : '0',
  }
  return asked.filter((name) => Object.hasOwn(values, name)).map((name) => `${name}=${values[name]}`)
}
