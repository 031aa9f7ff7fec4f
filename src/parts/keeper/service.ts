// The Keeper on a node: its program, what it is told, and its unit, which runs now and after a restart of the node.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, wishOf } from '../../resources/host-facts.ts'
import { packagesFacts } from '../../resources/packages.ts'
import type { Keeper } from '../../site/services.ts'
import type { Node, Site } from '../../site/site.ts'
import { unitDrift, unitFacts } from '../router/unit.ts'
import { configText, getKeeperConfig } from './config.ts'
import { CONFIG, keeperProgram, keeperUnit, PROGRAM, UNIT, UNIT_FILE } from './program.ts'

export const KEEPER_FILES: readonly string[] = [PROGRAM, CONFIG, UNIT_FILE]

/** smartctl reads the disks. Perl is there on every Proxmox VE node. */
export const KEEPER_PACKAGES: readonly string[] = ['smartmontools']
/** Of the resource of packages: `packages:NODE/keeper`. */
export const KEEPER_TOPIC = 'keeper'

const SERIAL = 'keeper-serial'
const PROGRAM_MODE = 0o755

// After the swap with the files, after a put-back perhaps without: then nobody else would end what runs.
const ACTIVATE = `unit=$2
systemctl daemon-reload || exit
if [ ! -e "$1" ]; then
  systemctl -q stop "$unit" 2>/dev/null
  rm -f /etc/systemd/system/*.wants/"$unit"
  systemctl -q reset-failed "$unit" 2>/dev/null
  exec systemctl daemon-reload
fi
systemctl -q enable "$unit" || exit
systemctl -q reset-failed "$unit" 2>/dev/null
exec systemctl restart "$unit"`

// Of files that go there is nothing to check.
const CHECK = '[ ! -e "$1" ] || exec "$1" check'
const LOOK_SERIAL = 'if [ -c "$1" ]; then echo there; elif [ -e "$1" ]; then echo other; else echo absent; fi'

export function keeperFacts({ serial }: Pick<Keeper, 'serial'>): Facts {
  const port = serial === undefined ? {} : { [SERIAL]: ['sh', '-c', LOOK_SERIAL, 'orion-serial-look', serial] }
  return wishOf([
    { files: KEEPER_FILES, commands: port },
    unitFacts([UNIT]),
    packagesFacts(KEEPER_PACKAGES, KEEPER_TOPIC),
  ])
}

export function keeperService(site: Site, keeper: Keeper, node: Node, wish: FileSet['wish']): FileSet {
  const config = getKeeperConfig(site, keeper, node)
  return {
    host: node.name,
    name: 'keeper',
    title: `the Keeper of ${node.name}`,
    needs: [`packages:${node.name}/${KEEPER_TOPIC}`],
    wish,
    owned: true,
    files: () => [
      { path: PROGRAM, text: keeperProgram(), mode: PROGRAM_MODE, opaque: true },
      { path: CONFIG, text: configText(config) },
      { path: UNIT_FILE, text: keeperUnit() },
    ],
    drift: (seen) => [...unitDrift(seen, [UNIT]), ...missingSerial(keeper, seen)],
    check: [['sh', '-c', CHECK, 'orion-keeper-check', PROGRAM]],
    activate: keeperActivation(),
  }
}

/** Runs it where its unit is there, and ends it where it is not. */
export function keeperActivation(): readonly (readonly string[])[] {
  return [['sh', '-c', ACTIVATE, 'orion-keeper-activate', UNIT_FILE, UNIT]]
}

/** The Keeper itself waits for it and tells; so does the plan. */
function missingSerial({ serial }: Keeper, seen: HostFacts): ReturnType<NonNullable<FileSet['drift']>> {
  const have = seen.commands.get(SERIAL)?.stdout.trim()
  if (serial === undefined || (have !== 'absent' && have !== 'other')) return []
  const hint = `plug the outer watchdog in at ${serial}, or take keeper.watchdog.serial out of the site file`
  return [
    {
      field: serial,
      have: have === 'absent' ? 'absent' : 'no serial port',
      want: 'a serial port',
      waits: 'operator',
      hint,
    },
  ]
}
