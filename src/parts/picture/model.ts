// The picture of a site before it has a form: what stands where, what hangs on what, and what is to be said of each thing.

/** `['IPv4', '192.168.100.0/24']` */
export type Fact = readonly [label: string, value: string]

/** Something that can be chosen in the picture. Texts are as the site file has them: whoever writes them down escapes them. */
export interface Thing {
  /** `guest:router`, `network:lan` */
  readonly id: string
  /** What a person calls its kind: `virtual machine`. */
  readonly kind: string
  readonly name: string
  readonly facts: readonly Fact[]
  /** Ids of what belongs to it; in the picture this goes both ways. */
  readonly related: readonly string[]
}

/** A line down the picture, on which rows have stops: a network of a node, or what connects gateways and peers. */
export interface Lane {
  readonly thing: string
  readonly label: string
  /** Beside the label: `vmbr1 ← eno2, 192.168.100.2/24`. */
  readonly note: string
  /** Number of its colour, from 0. */
  readonly tone: number
}

/** A lane down the whole picture. */
export interface Wire extends Lane {
  readonly kind: 'bgp' | 'mesh' | 'tailscale'
  /** The one that all others are connected with; without one, all are with all. */
  readonly hub?: string
  /** Ids of rows or frames, with the hub. */
  readonly members: readonly string[]
}

export interface Row {
  readonly thing: string
  readonly title: string
  /** Beside the title: `VM 200`. */
  readonly tag: string
  /** Pieces of text that belong together each. */
  readonly notes: readonly string[]
  readonly tone?: number
  /** Places in the lanes of its frame, rising. */
  readonly stops: readonly number[]
}

/** A node with what is on it, or another list of things. */
export interface Frame {
  readonly thing?: string
  readonly title: string
  readonly notes: readonly string[]
  readonly lanes: readonly Lane[]
  readonly rows: readonly Row[]
}

/** A cluster; without a title it is not drawn around its frames. */
export interface Group {
  readonly thing?: string
  readonly title: string
  readonly notes: readonly string[]
  readonly frames: readonly Frame[]
}

export interface Picture {
  readonly site: string
  /** `1 node, 15 guests, 6 networks` */
  readonly summary: string
  readonly things: readonly Thing[]
  readonly wires: readonly Wire[]
  readonly groups: readonly Group[]
}

/** One piece of the picture, and the things in it. */
export interface Piece<Drawn> {
  readonly drawn: Drawn
  readonly things: readonly Thing[]
}
