// The watchdogs of a node as they are: which devices there are, who has them open, and what systemd is set to. Reads only.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'

/** One of /sys/class/watchdog (Documentation/ABI/testing/sysfs-class-watchdog). Times in seconds. */
export interface Dog {
  /** `watchdog0`; /dev/watchdog is this first one by an older name. */
  readonly name: string
  /** `iTCO_wdt`, `Software Watchdog` … */
  readonly identity: string
  /** It counts: somebody must feed it. */
  readonly active: boolean
  readonly timeoutSeconds?: number
  readonly maxSeconds?: number
  readonly minSeconds?: number
  /** Once it counts, nothing stops it but a restart. */
  readonly nowayout: boolean
}

/** A process that has a watchdog open; the kernel lets in one at a time. */
export interface Holder {
  readonly dog: string
  readonly pid: number
  readonly command: string
  /** Of systemd; undefined = in none. */
  readonly unit?: string
}

export interface Watchdogs {
  /** What stands behind the wanted device; undefined = no watchdog. */
  readonly dog?: Dog
  readonly dogs: readonly Dog[]
  readonly holders: readonly Holder[]
  /** Proxmox VE's own, which HA needs: it takes the first watchdog as soon as it starts. */
  readonly mux: { readonly active: boolean; readonly claims: boolean; readonly module?: string }
  /** systemd's RuntimeWatchdogSec, as it is in force; 0 = off. */
  readonly runtimeSeconds?: number
}

const COMMAND = 'watchdog-look'

// Fields behind `|`, `-` for what is not known. /dev/watchdog is a device of its own (10:130) and leads to watchdog0.
const LOOK = `get() { v=$(cat -- "$1" 2>/dev/null | tr -d '|\\n'); printf '%s' "\${v:--}"; }
name=-
if [ -c "$1" ]; then
  id=$(stat -L -c '%t %T' -- "$1"); id=$((0x\${id% *})):$((0x\${id#* }))
  [ "$id" != 10:130 ] || name=watchdog0
  for d in /sys/class/watchdog/*; do [ "$(cat "$d/dev" 2>/dev/null)" != "$id" ] || name=\${d##*/}; done
fi
printf 'device|%s|%s\\n' "$1" "$name"
for d in /sys/class/watchdog/*; do
  [ -e "$d" ] || continue
  printf 'dog|%s' "\${d##*/}"
  for key in identity state timeout max_timeout min_timeout nowayout; do printf '|%s' "$(get "$d/$key")"; done
  echo
done
find /proc/[0-9]*/fd -lname '/dev/watchdog*' -printf '%h %l\\n' 2>/dev/null | while read -r fd path; do
  pid=\${fd#/proc/}; pid=\${pid%/fd}; dog=\${path#/dev/}
  [ "$dog" != watchdog ] || dog=watchdog0
  unit=$(sed -n 's|.*/\\([^/]*\\.\\(service\\|scope\\)\\)$|\\1|p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1)
  printf 'held|%s|%s|%s|%s\\n' "$dog" "$pid" "$(get "/proc/$pid/comm")" "\${unit:--}"
done
show() { systemctl show --value --property="$2" "$1" 2>/dev/null; }
module=$(sed -n 's/^[[:space:]]*WATCHDOG_MODULE=["'\\'']\\{0,1\\}\\([A-Za-z0-9_-]*\\).*/\\1/p' /etc/default/pve-ha-manager 2>/dev/null | tail -n 1)
printf 'mux|%s|%s|%s|%s\\n' "$(show watchdog-mux.service LoadState)" "$(show watchdog-mux.service ActiveState)" \\
  "$(show watchdog-mux.service UnitFileState)" "\${module:--}"
printf 'manager|%s\\n' "$(systemctl show --value --property=RuntimeWatchdogUSec 2>/dev/null)"`

export function watchdogFacts(device: string): Facts {
  return { commands: { [COMMAND]: ['sh', '-c', LOOK, 'orion-watchdog-look', device] } }
}

/** undefined where they could not be looked at. Pure. */
export function watchdogsOf(seen: HostFacts): Watchdogs | undefined {
  const text = said(seen, COMMAND)
  if (text === undefined) return undefined
  const rows = text
    .split('\n')
    .map((line) => line.split('|').map((field) => (field === '-' || field === '' ? undefined : field)))
  const of = (kind: string) => rows.filter(([first]) => first === kind).map(([, ...fields]) => fields)
  const dogs = of('dog').flatMap(toDog)
  const name = of('device')[0]?.[1]
  const dog = dogs.find((one) => one.name === name) ?? (name === undefined ? undefined : bareDog(name))
  const [load, state, file, module] = of('mux')[0] ?? []
  const runtimeSeconds = parseSpan(of('manager')[0]?.[0] ?? '')
  return {
    ...(dog && { dog }),
    dogs,
    holders: of('held').flatMap(toHolder),
    mux: {
      active: state === 'active',
      claims: load === 'loaded' && file !== 'disabled' && file !== 'masked' && file !== 'masked-runtime',
      ...(module === undefined ? {} : { module }),
    },
    ...(runtimeSeconds === undefined ? {} : { runtimeSeconds }),
  }
}

type Row = readonly (string | undefined)[]

/** A kernel without CONFIG_WATCHDOG_SYSFS tells no more than that it is there. */
const bareDog = (name: string): Dog => ({ name, identity: 'unknown', active: false, nowayout: false })

function toDog([name, identity = 'unknown', state, timeout, most, least, nowayout]: Row): Dog[] {
  if (name === undefined) return []
  const seconds = (key: string, text: string | undefined) => (Number(text) > 0 ? { [key]: Number(text) } : {})
  return [
    {
      ...{ name, identity: identity.trim(), active: state === 'active', nowayout: nowayout === '1' },
      ...seconds('timeoutSeconds', timeout),
      ...seconds('maxSeconds', most),
      ...seconds('minSeconds', least),
    },
  ]
}

function toHolder([dog, pid, command = '', unit]: Row): Holder[] {
  if (dog === undefined || pid === undefined) return []
  return [{ dog: dog.replace(/ .*/, ''), pid: Number(pid), command, ...(unit === undefined ? {} : { unit }) }]
}

const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400, w: 604_800 }

/** `1min 30s`, as systemd prints a time; undefined for what is none. */
function parseSpan(text: string): number | undefined {
  if (text === '0') return 0
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|min|s|h|d|w)(?:\s|$)/g)]
  if (parts.length === 0) return undefined
  return parts.reduce((sum, [, number, unit = 's']) => sum + Number(number) * (UNITS[unit] ?? 1), 0)
}
