// The contract inside the lab: the server checks a request, a handler answers it out of the world.
import type { World } from './world.ts'

/** Who asks: a ticket's user, or a token of that user. */
export interface Who {
  /** `root@pam` */
  readonly user: string
  /** `root@pam!lab`; undefined for a ticket. */
  readonly token?: string
}

/** A request that has passed validation, authentication and the schema's own permission check. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path template as in the schema, without /api2/json: `/nodes/{node}/qemu/{vmid}/config`. */
  readonly template: string
  /** Decoded path parameters by name. */
  readonly ids: Readonly<Record<string, string>>
  /** Body or query parameters, typed by the schema: boolean → true/false, integer/number → number, array → string[]; a `*-list` format stays text. */
  readonly params: Readonly<Record<string, unknown>>
  readonly who: Who
  readonly world: World
  /** Does the caller hold every one of these privileges on the path (propagation and privsep respected)? */
  allowed(path: string, privileges: readonly string[]): boolean
}

/** Answers `data`; throws ApiError. A whole envelope (`{data, changes}`) is given by `envelope()`. */
export type Handler = (call: Call) => unknown

/** More than `data` for the reply; made by envelope(). */
export class Envelope {
  readonly members: Readonly<Record<string, unknown>>

  constructor(members: Readonly<Record<string, unknown>>) {
    this.members = members
  }
}

/** A reply with members beside `data`: `total` of a paged list, `changes` of the network. */
export function envelope(data: unknown, more: { readonly total?: number; readonly changes?: string }): Envelope {
  return new Envelope({ data, ...more })
}

/** An answer other than 200. `errors` makes it a 400 "Parameter verification failed."; `reason` is the status line. */
export class ApiError extends Error {
  readonly status: number
  readonly errors: Readonly<Record<string, string>> | undefined

  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message)
    this.status = status
    this.errors = errors
  }
}

/** Routes are data: one table per topic, `'GET /nodes/{node}/qemu': handler`. */
export type Routes = Readonly<Record<string, Handler>>
