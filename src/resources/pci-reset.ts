// Is a PCI device that nobody uses sane: does it answer, can it be reset, does it wake up? And the one remedy beside a restart.
import type { Host } from '../host/host.ts'

/** What one function said after its reset. */
export interface FunctionCheck {
  readonly address: string
  /** `10de:2204`; `ffff:ffff` = it has fallen off the bus. */
  readonly id: string
  /** D0, D3hot, D3cold, unknown. */
  readonly power: string
  readonly driver: string
  readonly reset: 'done' | 'failed' | 'none'
}

// A slot, or one function of it.
const EACH = `slot=$1; cd /sys/bus/pci/devices || exit
for f in "$slot" "$slot".[0-7]; do [ -e "$f/config" ] || continue`

// Idle devices of vfio-pci sleep (runtime power management, Linux 5.19), so it is kept awake while it is looked at: D3cold
// is no fault by itself, only where it does not wake up. reset_method is empty, and reset missing, where there is no way.
const CHECK = `${EACH}
control=$(cat "$f/power/control" 2>/dev/null) && echo on > "$f/power/control" 2>/dev/null
reset=none
if [ -n "$(cat "$f/reset_method" 2>/dev/null)" ] && [ -w "$f/reset" ]; then
if echo 1 2>/dev/null > "$f/reset"; then reset='done'; else reset=failed; fi; fi
id=$(od -An -v -tx1 -N4 "$f/config" 2>/dev/null | awk '{print $2 $1 ":" $4 $3}')
driver=$(readlink "$f/driver" 2>/dev/null)
echo "$f id=\${id:-ffff:ffff} power=$(cat "$f/power_state" 2>/dev/null || echo unknown) driver=\${driver##*/} reset=$reset"
[ -z "$control" ] || echo "$control" > "$f/power/control" 2>/dev/null
done; :`

// The bus is scanned without drivers: what comes back must not be taken by the host's own before vfio-pci has it.
const RESCAN = `probe=/sys/bus/pci/drivers_autoprobe
trap 'echo 1 > $probe' EXIT; trap 'exit 1' HUP INT TERM
echo 0 > $probe || exit
${EACH.replace('slot=$1; ', 'slot=$1; ( ')}
echo 1 > "$f/remove"; done ); sleep 1
echo 1 > /sys/bus/pci/rescan || exit
${EACH}
echo vfio-pci > "$f/driver_override" && echo "$f" > /sys/bus/pci/drivers_probe
done; :`

const CHECK_MS = 60_000

/** Resets every function of the slot and tells how each is then; [] = nothing is there. Only while no guest runs with it. Errors: those of Host. */
export async function checkSlot(host: Pick<Host, 'run'>, slot: string): Promise<readonly FunctionCheck[]> {
  const { stdout } = await host.run(['sh', '-c', CHECK, 'orion-pci-check', slot], { timeoutMs: CHECK_MS })
  return parseChecks(stdout)
}

/** Takes the device off the bus and looks for it anew, without the host's drivers. Errors: those of Host. */
export async function rescanSlot(host: Pick<Host, 'run'>, slot: string): Promise<void> {
  await host.run(['sh', '-c', RESCAN, 'orion-pci-rescan', slot], { timeoutMs: CHECK_MS, accept: [0, 1, 2] })
}

/** Pure. */
export function parseChecks(text: string): readonly FunctionCheck[] {
  const rows = text.matchAll(/^(\S+) id=(\S+) power=(\S*) driver=(\S*) reset=(done|failed|none)$/gm)
  return [...rows].map(([, address = '', id = '', power = '', driver = '', reset = '']) => ({
    address,
    id,
    power: power || 'unknown',
    driver: driver === '-' ? '' : driver,
    reset: reset === 'done' || reset === 'failed' ? reset : 'none',
  }))
}

/** Why the device is not to be given to a guest; [] = it is sane. Takes the ids that it must have. Pure. */
export function insanity(checks: readonly FunctionCheck[], slot: string, ids: readonly string[]): readonly string[] {
  if (checks.length === 0) return [`${slot} is gone from the bus`]
  const faults = checks.flatMap(({ address, id, power, driver, reset }) => {
    if (id === 'ffff:ffff' || id === '') return [`${address} does not answer`]
    if (power !== 'D0') return [`${address} does not wake up (${power})`]
    if (reset === 'failed') return [`${address} cannot be reset`]
    return driver === '' || driver === 'vfio-pci' ? [] : [`${address} is taken by ${driver}`]
  })
  const missing = ids.filter((id) => !checks.some((one) => one.id === id))
  return faults.length > 0 || missing.length === 0 ? faults : [`${slot} has no ${missing.join(', ')} any more`]
}
