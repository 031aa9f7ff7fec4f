// The one interface: what every managed thing and every live check looks like to the engine.
import type { Host } from './host/host.ts'
import type { Pve } from './pve/pve.ts'
import type { Site, Storage } from './site/site.ts'

/** `kind:place/name`, e.g. `vm:r730/200`. The place (a node, or a cluster) is the lane in which the engine limits work. */
export type ResourceId = `${string}:${string}`

/** One field that is not as wanted. Values are for people: never a secret. */
export interface Difference {
  readonly field: string
  readonly have?: string
  readonly want?: string
  /** orion will not change this by itself: `hint` says what to do by hand. */
  readonly immutable?: true
  readonly hint?: string
  /**
   * Not for this run: `restart` = stored, active only after a restart (asked for with --restart); `turn` = what another change
   * of this run must not fall together with, for the next run; `other` = another host that this run leaves out; `operator` = what
   * only a person can do or decide, with `hint` for what that is. A waiting difference is shown, and is no change.
   */
  readonly waits?: 'restart' | 'turn' | 'other' | 'operator'
  /** `root`: not the API makes this change but root on the node, over SSH. */
  readonly channel?: 'root'
  /** What is interrupted while it is made, for people: `bridge vmbr1`, `your own path to r730`. Absent = nothing. */
  readonly disrupts?: string
  /** A text's change as unified diff lines (`-old`, `+new`, ` same`, `@@ …`), all of them, where `have` and `want` are too long. */
  readonly lines?: readonly string[]
}

/** What a resource tells while it works. */
export type Note = (news: News) => void
export type News =
  | { readonly kind: 'info' | 'warning'; readonly text: string }
  /** A task of Proxmox VE that this step started (`running`) and has seen the end of (`ended`). */
  | { readonly kind: 'task'; readonly upid: string; readonly state: 'running' | 'ended' }
  /** A line of the log of such a task, as it comes. A few of very many may be left out. */
  | { readonly kind: 'log'; readonly upid: string; readonly text: string }

/** Every way out of the process. */
export interface Outside {
  readonly pve: Pve
  /** A node, or a guest, by its name in the site file; opened by its first use, closed with the session. Errors: E_SITE for an unknown name. */
  host(name: string): Promise<Host>
  /** Drops everything that was read and is shared, of clusters and of hosts. */
  forget(): void
  /** Aborted on Ctrl-C: waiting ends at once with E_INTERRUPTED, running tasks go on without us. */
  readonly signal: AbortSignal
  /** Text of an https address (a sums file). Errors: E_IMAGE. */
  text(url: string): Promise<string>
  /** The value behind a secret reference. Errors: E_SECRET. */
  secret?(reference: NonNullable<Storage['password']>): Promise<string>
  /** A line for the operator while something is waited for that may take minutes. */
  tell?(text: string): Promise<void>
  /** Keeps an API token's secret in the operator's credentials (0600), for the next run. */
  keep(cluster: string, token: { readonly id: string; readonly secret: string }): Promise<void>
  /** The id of the token whose secret is kept for a cluster; undefined = none. Only where that is asked for (`bootstrap access`). */
  kept?(cluster: string): Promise<string | undefined>
}

/** What is done right before an update, so that there is a way back. */
export interface Precaution<Have = unknown> {
  /** Reads only. In words, for the plan: `snapshot first`, `no snapshot: tank cannot make one`. undefined = none is needed. */
  plan(outside: Outside, have: Have): Promise<string | undefined>
  /** Does what `plan` says; what was observed is read anew after it. An error stops the update. */
  take(outside: Outside, have: Have, note: Note): Promise<void>
}

export interface Resource<Have = unknown> {
  readonly id: ResourceId
  /** What people call it, e.g. `router`; the plan shows it beside the id. */
  readonly title: string
  readonly needs: readonly ResourceId[]
  /** One line about a new one, for a plan that does not list every field of it. */
  readonly brief?: string
  /** Reads only. undefined = not there. Something foreign in its place: E_FOREIGN. */
  observe(outside: Outside): Promise<Have | undefined>
  /** Pure and complete; [] = as wanted. For an absent thing: every field that create would set. */
  diff(have: Have | undefined): readonly Difference[]
  create(outside: Outside, note: Note): Promise<void>
  update(outside: Outside, have: Have, note: Note): Promise<void>
  readonly precaution?: Precaution<Have>
  /** A missing thing is success. */
  remove(outside: Outside, have: Have, note: Note): Promise<void>
}

/** What the operator asked for beyond the site file. */
export interface Wishes {
  /** Restart guests whose pending changes need it. */
  readonly restart: boolean
}

export interface Part {
  readonly name: string
  resources(site: Site, wishes: Wishes): readonly Resource[]
  probes(site: Site): readonly Probe[]
  /** What is no longer needed once everything is proved: gone after a green verify, without a question. */
  tidy?(site: Site): readonly Resource[]
}

export interface Probe {
  readonly id: string
  readonly title: string
  run(outside: Outside): Promise<ProbeResult>
}

export interface ProbeResult {
  readonly state: 'ok' | 'warning' | 'failed' | 'unknown'
  readonly expected: string
  readonly seen: string
  /** What to do where it is not ok. */
  readonly hint?: string
  /** Since when it is as it is seen, where its source knows that. ISO 8601, UTC. */
  readonly since?: string
  /** Not ok, and may become so by itself in a moment: worth another look until the deadline. */
  readonly settles?: true
}
