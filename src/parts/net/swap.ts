// Swap of a node on devices and in files. What holds other data is never formatted.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Node, Swap } from '../../site/site.ts'
import { getLiveSwaps, type LiveSwap, liveSwapFacts } from './live-swap.ts'
import { TARGET_DROP_IN, targetText, unitName, unitPath, unitText } from './swap-unit.ts'

// One line per path: what it is, its size, the file system that it lies on, its signatures, and where its links lead.
const LOOK = `for p do
if [ -b "$p" ]; then k=device; elif [ -f "$p" ]; then k='file'; elif [ -e "$p" ]; then k=other; else k=absent; fi
s=-; [ $k != 'file' ] || s=$(stat -L -c %s -- "$p")
d=$p; while [ ! -d "$d" ]; do d=\${d%/*}; d=\${d:-/}; done
f=$(findmnt -n -o FSTYPE -T "$d"); w=
case $k in device|file) w=$(wipefs --noheadings --output TYPE -- "$p") || w=unreadable;; esac
w=$(printf '%s' "$w" | tr -s ' \\n' ',,')
printf '%s %s %s %s %s\\n' $k "$s" "\${f:--}" "\${w:--}" "$(readlink -m -- "$p")"
done`

// A file is made beside its place, so that one that is there is whole; copy on write is off where a file system knows it
// (btrfs). A device is looked at once more: it is formatted only while nothing is on it. Without the unit (the old files
// were put back) a file that was not there before goes again.
const ACTIVATE = `u=\${1##*/} p=$2 mib=$3 new=$4 restart=$5 n=$2.orion-new
make() {
  rm -f -- "$n"; (umask 077; : > "$n") || return
  [ "$(df -k --output=avail -- "$n" | tail -n 1)" -gt $((mib * 1024)) ] || { echo "no room for $p" >&2; return 1; }
  chattr +C "$n" 2> /dev/null
  fallocate -l "$mib"MiB "$n" || dd if=/dev/zero of="$n" bs=1M count="$mib" status=none || return
  mkswap -q "$n" && sync "$n" && mv -f -- "$n" "$p"
}
systemctl daemon-reload || exit
if [ ! -e "$1" ]; then
  swapoff "$p" 2> /dev/null; [ "$new" != file ] || rm -f -- "$p"; exit 0
fi
[ "$restart" != yes ] || { systemctl stop -q "$u"; swapoff "$p" 2> /dev/null; }
case $new in
file) [ -e "$p" ] || make || { rm -f -- "$n"; exit 1; };;
size) [ "$(stat -c %s -- "$p")" = $((mib * 1048576)) ] || make || { rm -f -- "$n"; exit 1; };;
device) [ -n "$(wipefs --noheadings -- "$p")" ] || mkswap -q "$p" || exit;;
esac
exec systemctl start "$u"`

interface Place {
  readonly wanted: Swap
  readonly path: string
  readonly kind: string
  readonly size: string
  readonly fileSystem: string
  readonly signatures: readonly string[]
  /** As the kernel names it. */
  readonly real: string
}

const MIB = 1024 * 1024
// A swap file needs blocks of its own that do not move.
const UNFIT = /^(?:zfs|tmpfs|ramfs|overlay|nfs4?|cifs|fuse.*)$/

export function swapFacts({ swap }: Node): Facts {
  if (swap.length === 0) return {}
  const look = ['sh', '-c', LOOK, 'orion-swap-look', ...swap.map(pathOf)]
  const units = swap.map((one) => unitPath(pathOf(one)))
  return { files: [TARGET_DROP_IN, ...units], commands: { ...liveSwapFacts.commands, 'swap-look': look } }
}

/** `swap` of a node as units of its own; undefined where the site file names none. */
export function swap({ name, swap: wanted }: Node, wish: FileSet['wish']): FileSet | undefined {
  if (wanted.length === 0) return undefined
  const names = wanted.map((one) => unitName(pathOf(one)))
  const units = wanted.map((one) => ({
    path: unitPath(pathOf(one)),
    text: unitText(pathOf(one), one),
  }))
  return {
    host: name,
    name: 'swap',
    wish,
    owned: true,
    files: () => [...units, { path: TARGET_DROP_IN, text: targetText(names) }],
    problems: (seen) => getPlaces(wanted, seen).flatMap(getProblems),
    drift: (seen) => getPlaces(wanted, seen).flatMap((place) => getDrift(place, getLiveSwaps(seen).get(place.real))),
    activate: (before) =>
      getPlaces(wanted, before).map((place) => getActivation(place, getLiveSwaps(before).get(place.real))),
    confirmWithinSeconds: 300,
  }
}

function pathOf({ device, file }: Swap): string {
  return device ?? file ?? ''
}

function getPlaces(wanted: readonly Swap[], seen: HostFacts): readonly Place[] {
  const rows = (said(seen, 'swap-look') ?? '').split('\n')
  return wanted.map((one, at) => {
    const path = pathOf(one)
    const [, kind = 'unknown', size = '-', fileSystem = '-', list = '', real = path] =
      /^(\S+) (\S+) (\S+) (\S+) (.*)$/.exec(rows[at] ?? '') ?? []
    const signatures = list.split(',').filter((word) => word !== '' && word !== '-')
    return { wanted: one, path, kind, size, fileSystem, signatures, real }
  })
}

function getProblems({ wanted, path, kind, fileSystem, signatures }: Place): string[] {
  if (kind === 'unknown') return [`${path} cannot be looked at`]
  if (wanted.device !== undefined && kind !== 'device')
    return [kind === 'absent' ? `there is no device ${path}` : `${path} is no block device`]
  if (wanted.device === undefined && kind !== 'file' && kind !== 'absent') return [`${path} is there, and is no file`]
  if (wanted.device === undefined && UNFIT.test(fileSystem))
    return [`${path} would lie on ${fileSystem}, which cannot hold a swap file`]
  const foreign = signatures.filter((word) => word !== 'swap')
  if (foreign.length > 0)
    return [`${path} holds something else than swap (${foreign.join(', ')}): orion does not overwrite it`]
  // An empty device may be formatted; a file that is there belongs to somebody.
  if (kind === 'file' && signatures.length === 0)
    return [`${path} is there, and is no swap: orion does not overwrite it`]
  return []
}

function getDrift({ wanted, path, kind, size }: Place, live: LiveSwap | undefined): Difference[] {
  const { priority, sizeMib } = wanted
  if (live === undefined)
    return [{ field: path, have: 'no swap', want: priority === undefined ? 'swap' : `swap of priority ${priority}` }]
  const found: Difference[] = []
  if (priority !== undefined && live.priority !== priority)
    found.push({ field: `${path} priority`, have: String(live.priority), want: String(priority) })
  if (kind === 'file' && sizeMib !== undefined && size !== String(sizeMib * MIB))
    found.push({ field: `${path} size`, have: `${Math.round(Number(size) / MIB)}M`, want: `${sizeMib}M` })
  return found
}

function getActivation(place: Place, live: LiveSwap | undefined): readonly string[] {
  const { wanted, path, kind, signatures } = place
  const fresh = { absent: 'file', file: 'size', device: signatures.length === 0 ? 'device' : '' }[kind] ?? ''
  const restart = getDrift(place, live).length > 0 ? 'yes' : 'no'
  return ['sh', '-c', ACTIVATE, 'orion-swap', unitPath(path), path, String(wanted.sizeMib ?? 0), fresh, restart]
}
