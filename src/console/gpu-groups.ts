// IOMMU groups as a tree: what a guest that gets one of a group would take along.
import { getPaint, type Look } from './paint.ts'
import { clean, count, cut, getWidth, pad } from './text.ts'

export interface MemberLine {
  readonly address: string
  readonly id: string
  readonly what: string
  readonly driver?: string
  readonly device?: string
  readonly uses: readonly string[]
  readonly isHazard: boolean
  readonly isBridge: boolean
}

export interface GroupLine {
  readonly group?: number
  readonly members: readonly MemberLine[]
  readonly isShown: boolean
}

interface TreeLook extends Look {
  /** Groups in which nothing is that a guest could get, too. */
  readonly all: boolean
}

/** Pure. */
export function renderGroups(groups: readonly GroupLine[], look: TreeLook): string[] {
  const paint = getPaint(look)
  const shown = look.all ? groups : groups.filter(({ isShown }) => isShown)
  const rest = groups.length - shown.length
  const widths = widthsOf(shown.flatMap(({ members }) => members))
  const trees = shown.flatMap(({ group, members }) => [
    paint.bold(group === undefined ? 'in no IOMMU group' : `IOMMU group ${group}`),
    ...members.map((one, at) => renderMember(one, at === members.length - 1 ? '└─ ' : '├─ ', widths, look)),
  ])
  const more = `${count(rest, 'other group', 'other groups')}: --all shows ${rest === 1 ? 'it' : 'them'}`
  return rest === 0 ? trees : [...trees, paint.dim(shown.length === 0 ? more : `and ${more}`)]
}

type Widths = readonly [address: number, what: number, driver: number]

const driverOf = ({ driver }: MemberLine): string => clean(driver ?? '-')

function widthsOf(members: readonly MemberLine[]): Widths {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(getWidth))
  return [
    widest(members.map(({ address }) => address)),
    widest(members.map(({ what }) => what)),
    widest(members.map(driverOf)),
  ]
}

function renderMember(one: MemberLine, branch: string, [address, what, driver]: Widths, look: Look): string {
  const paint = getPaint(look)
  const head = [
    pad(clean(one.address), address),
    clean(one.id),
    pad(clean(one.what), what),
    pad(driverOf(one), driver),
  ].join('  ')
  const note = [...(one.device === undefined ? [] : [one.device]), ...one.uses].map(clean).join(', ')
  const text = cut(`${head}  ${note}`.trimEnd(), look.width - branch.length)
  if (one.isHazard) return branch + paint.red(text)
  if (one.device !== undefined) return branch + (one.driver === 'vfio-pci' ? paint.green(text) : paint.yellow(text))
  return branch + (one.isBridge ? paint.dim(text) : text)
}
