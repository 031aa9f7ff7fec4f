// Units of systemd that a topic's files belong to: do they run, will they after a restart of the machine, and how to make it so.
import type { Difference } from '../../resource.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'

const PROPERTIES = ['LoadState', 'ActiveState', 'UnitFileState'] as const

// After the swap with the file, after a put-back perhaps without: then a unit runs on only where it did so before.
const ACTIVATE = `file=$1; shift
systemctl daemon-reload || exit
for one; do
unit=\${one%=*}
systemctl cat "$unit" >/dev/null 2>&1 || continue
if [ -e "$file" ]; then systemctl -q enable "$unit" || exit
elif [ "\${one#*=}" != active ]; then systemctl stop "$unit"; continue
fi
systemctl reset-failed "$unit" 2>/dev/null
systemctl restart "$unit" || exit
done`

/** What the others here need. */
export function unitFacts(units: readonly string[]): Facts {
  const show = (unit: string) => ['systemctl', 'show', `--property=${PROPERTIES.join()}`, unit]
  return { commands: Object.fromEntries(units.map((unit) => [`unit ${unit}`, show(unit)])) }
}

/** What is not so of units that shall be active and enabled; nothing of those whose package is not there (yet). */
export function unitDrift(seen: HostFacts, units: readonly string[]): Difference[] {
  return units.flatMap((unit) => {
    const { LoadState, ActiveState, UnitFileState } = propertiesOf(seen, unit)
    if (LoadState === undefined || LoadState === 'not-found') return []
    if (LoadState !== 'loaded') return [{ field: unit, have: LoadState, want: 'active' }]
    return [
      ...(ActiveState === 'active' ? [] : [{ field: unit, have: ActiveState ?? 'unknown', want: 'active' }]),
      ...(UnitFileState === 'enabled' ? [] : [{ field: unit, have: UnitFileState ?? 'unknown', want: 'enabled' }]),
    ]
  })
}

export function isActive(seen: HostFacts, unit: string): boolean {
  return propertiesOf(seen, unit).ActiveState === 'active'
}

/** Enables and restarts units, in this order, where `file` is there. Units that are not there are passed over. */
export function activateUnits(
  before: HostFacts,
  file: string,
  units: readonly string[],
): readonly (readonly string[])[] {
  const states = units.map((unit) => `${unit}=${isActive(before, unit) ? 'active' : 'inactive'}`)
  return [['sh', '-c', ACTIVATE, 'orion-units', file, ...states]]
}

function propertiesOf(seen: HostFacts, unit: string): Partial<Record<(typeof PROPERTIES)[number], string>> {
  const rows = (seen.commands.get(`unit ${unit}`)?.stdout ?? '').matchAll(/^(\w+)=(.*)$/gm)
  return Object.fromEntries([...rows].map(([, key = '', value = '']) => [key, value]))
}
