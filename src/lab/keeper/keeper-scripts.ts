// What the programs of parts/keeper do on a simulated node, told by their names: its watchdog, its units, its journal.
import { failed, type Io, type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { systemctl } from '../router/systemctl.ts'
import { orionKeeper } from './keeper-program.ts'

/** Proxmox VE loads softdog where nobody named another module, and watchdog-mux has it open. */
const look: Program = ({ host }, [device = '']) => {
  const there = /^\/dev\/watchdog0?$/.test(device)
  const module = /^WATCHDOG_MODULE=(\S+)/m.exec(textAt(host, '/etc/default/pve-ha-manager') ?? '')?.[1] ?? '-'
  const identity = { '-': 'Software Watchdog', ipmi_watchdog: 'IPMI' }[module] ?? module
  const unit = host.units['watchdog-mux.service'] ?? { active: true, enabled: true }
  const state = unit.active ? 'active' : 'inactive'
  const lines = [
    `device|${device}|${there ? 'watchdog0' : '-'}`,
    `dog|watchdog0|${identity}|${state}|10|65535|1|0`,
    ...(unit.active ? ['held|watchdog0|812|watchdog-mux|watchdog-mux.service'] : []),
    `mux|loaded|${state}|static|${module}`,
    'manager|0',
  ]
  return ok(lines.map((line) => `${line}\n`).join(''))
}

/** `orion-keeper-activate FILE UNIT` */
const activate: Program = async (machine, [file = '', unit = ''], io) => {
  if (textAt(machine.host, file) !== undefined) {
    await systemctl(machine, ['enable', unit], io)
    return systemctl(machine, ['restart', unit], io)
  }
  delete machine.host.units[unit]
  return ok()
}

/** `orion-keeper-check PROGRAM`, of files that are not in force yet. */
const check: Program = (machine, [program = ''], io: Io): Output | Promise<Output> =>
  textAt(machine.host, program) === undefined ? ok() : orionKeeper(machine, ['check'], io)

const serialLook: Program = ({ host }, [device = '']) => ok(host.paths?.includes(device) ? 'there\n' : 'absent\n')

/** `--unit=UNIT --output=json …`: the start of the unit, as long as it runs. */
const journalctl: Program = ({ host, world, node }: Machine, args) => {
  const unit =
    args.find((arg) => arg.startsWith('--unit='))?.slice('--unit='.length) ?? args[args.indexOf('-u') + 1] ?? ''
  if (!host.units[unit]?.active || args.some((arg) => arg.startsWith('--after-cursor='))) return ok()
  const entry = {
    __CURSOR: `s=lab;i=1;b=${host.boot?.id}`,
    __REALTIME_TIMESTAMP: String((host.boot?.startedMs || world.now()) * 1000),
    _HOSTNAME: node,
    _SYSTEMD_UNIT: unit,
    PRIORITY: '6',
    SYSLOG_IDENTIFIER: unit.replace(/\.service$/, ''),
    MESSAGE: `start node=${node}`,
  }
  return ok(`${args.some((arg) => /json$/.test(arg)) ? JSON.stringify(entry) : entry.MESSAGE}\n`)
}

export const keeperScripts: Readonly<Record<string, Program>> = {
  'orion-watchdog-look': look,
  'orion-watchdog': () => ok(),
  'orion-keeper-activate': activate,
  'orion-keeper-check': check,
  'orion-serial-look': serialLook,
}

export const keeperPrograms: Readonly<Record<string, Program>> = {
  'orion-keeper': orionKeeper,
  journalctl,
  smartctl: ({ host }) =>
    host.packages.smartmontools === undefined
      ? failed(127, 'sh: 1: smartctl: not found')
      : ok('{"smart_status":{"passed":true}}\n'),
}
