// A node's /etc/network/interfaces as one file-set: bridges, bonds, ports and VLANs of the site file, guarded.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { Node } from '../../site/site.ts'
import { disruptionOf } from './interfaces-disruption.ts'
import { parse } from './interfaces-file.ts'
import { notInForce, silentGateways } from './interfaces-force.ts'
import { guestsAtRisk, lostPorts, mixedVlans } from './interfaces-guests.ts'
import { type Layout, layoutOf } from './interfaces-layout.ts'
import { kernelName, type Live, liveOf, type Seen } from './interfaces-live.ts'
import { merge } from './interfaces-merge.ts'
import { slipOf } from './interfaces-options.ts'
import { pathOf } from './interfaces-path.ts'
import { doubles, missingPorts, openVswitches, sharedPorts } from './interfaces-ports.ts'
import { type Wanted, wantedOf } from './interfaces-wanted.ts'
import { CHECK, FILE, gatewaysOf, interfacesWish } from './interfaces-wish.ts'

export { interfacesWish }

/** The declaration for one node that has bridges. `wish`: the node's whole wish, shared by all of its file-sets; it holds `interfacesWish(node)`. */
export function interfaces(node: Node, wish: FileSet['wish'] = interfacesWish(node)): FileSet {
  return {
    host: node.name,
    name: 'interfaces',
    title: `network of ${node.name}`,
    wish,
    files: (seen) => [{ path: FILE, text: viewOf(node, seen).text }],
    problems: (seen) => problemsOf(viewOf(node, seen)),
    disrupts: (seen) => disruptsOf(viewOf(node, seen)),
    drift: (seen) => driftOf(viewOf(node, seen)),
    check: [['sh', '-c', CHECK, 'orion-ifreload-check']],
    activate: [RELOAD, RELOAD],
    prove: (before, after) => worse(viewOf(node, before), viewOf(node, after)),
  }
}

/** Twice: where ports change bridges, ifupdown2 now and then leaves one in none, and says nothing; the second run puts it in. */
const RELOAD = ['ifreload', '-a']

/** Everything that the answers are computed from. */
interface View {
  readonly node: Node
  readonly wanted: readonly Wanted[]
  readonly live: Live
  readonly have: string | undefined
  /** The file is there, and is a link, a folder, or not UTF-8: what it holds is not known. */
  readonly unread: boolean
  readonly text: string
  readonly old: Layout
  readonly next: Layout
  readonly version: string
}

function viewOf(node: Node, seen: Seen): View {
  const live = liveOf(seen)
  const wanted = wantedOf(node, (name) => kernelName(live, name))
  const file = seen.files.get(FILE)
  const have = file?.kind === 'file' ? file.text : undefined
  const text = merge(have, wanted)
  const version = seen.commands.get('ifupdown2')
  return {
    node,
    wanted,
    live,
    have,
    unread: file !== undefined && file.kind !== 'file',
    text,
    old: layoutOf(have ?? ''),
    next: layoutOf(text),
    version: version?.code === 0 ? (version.stdout.trim().split(/\s+/)[1] ?? '') : '',
  }
}

const isSame = ({ have, text }: View): boolean => have === text

function problemsOf(view: View): readonly string[] {
  const { node, wanted, live, old, next, version } = view
  if (view.unread)
    return [
      `${FILE} of ${node.name} is no plain UTF-8 text file, so that nothing in it can be kept: make it one first.`,
    ]
  const missing = missingPorts(node.name, wanted, next, live)
  // Mending what is not in force takes the same `ifreload -a` as a new text.
  if (isSame(view) && driftOf(view).length === 0) return missing
  const { lost } = pathOf(view)
  return [
    ...(version === ''
      ? [`${node.name} has no ifupdown2, which makes bridges of ${FILE}: install the package ifupdown2.`]
      : []),
    ...missing,
    ...openVswitches(wanted, old),
    ...sharedPorts(wanted, next, live),
    ...doubles(wanted, next),
    ...slips(view),
    ...mixedVlans(live, next),
    ...guestsAtRisk(node.name, live, next, version),
    ...(lost === undefined ? [] : [lost]),
  ]
}

/** Options that ifupdown2 would pass over in silence: the file is activated as a whole, also what others wrote into it. */
function slips({ text }: View): readonly string[] {
  return parse(text).flatMap((segment) => {
    const slip = segment.kind === 'stanza' ? slipOf(segment) : undefined
    if (segment.kind !== 'stanza' || slip === undefined) return []
    return [
      `${FILE} has "${slip.line}" at ${segment.name}, which ifupdown2 does not know (did you mean "${slip.meant}"?): mend it there first.`,
    ]
  })
}

const disruptsOf = (view: View): string | undefined => (isSame(view) ? undefined : disruptionOf(view))

/** Only where the file is as wanted: otherwise the file's own change says it all. */
function driftOf(view: View): readonly Difference[] {
  return isSame(view) ? notInForce(view.wanted, view.next, view.live) : []
}

/** What does not stand after the change: not in force, a guest's port gone, a gateway that does not answer. */
function worse(before: View, after: View): readonly string[] {
  const missing = notInForce(after.wanted, after.next, after.live)
  return [
    ...missing.map(({ field, have, want }) => `${field} is ${have} and not ${want}`),
    ...lostPorts(before.live, after.live),
    ...silentGateways(gatewaysOf(after.node), before.live, after.live),
  ]
}
