// A Pve over the fake servers of a test; everything is closed after each test.

import { afterEach } from 'mocha'
import { OrionError } from '../../src/errors.ts'
import { type ConnectOptions, connectPve } from '../../src/pve/connect.ts'
import type { Cluster, Pve } from '../../src/pve/pve.ts'
import type { Credentials } from '../../src/pve/session.ts'
import { type FakeServer, type Reply, startFakeServer } from './fake-server.ts'

export const TOKEN = { kind: 'token', id: 'orion@pve!orion', secret: '11111111-2222-3333-4444-555555555555' } as const
export const TICKET = { kind: 'ticket', user: 'root@pam', password: 'hunter2-hunter2' } as const

export interface Client {
  readonly pve: Pve
  readonly cluster: Cluster
  readonly abort: AbortController
}

export interface Stage {
  /** A fake server that is closed after the test. */
  start(reply?: Reply, host?: string): Promise<FakeServer>
  /** A cluster `site` with the node `pve1` over these servers or endpoints; closed after the test. */
  connect(endpoints: readonly (FakeServer | Endpoint)[], options?: Options): Client
  /** Closes this after the test as well. */
  add(one: Closable): void
}

interface Closable {
  close(): Promise<unknown>
}
type Endpoint = ConnectOptions['clusters'][number]['endpoints'][number]
type Options = Partial<ConnectOptions> & { readonly as?: Credentials }

/** Servers and clients of one describe block. */
export function getStage(): Stage {
  const open: Closable[] = []
  afterEach(async () => {
    // Clients before servers: the newest first.
    for (const one of open.splice(0).reverse()) await one.close()
  })
  return {
    add: (one) => open.push(one),
    start: async (reply, host) => {
      const server = await startFakeServer(reply, host)
      open.push(server)
      return server
    },
    connect: (endpoints, options = {}) => {
      const client = connect(endpoints.map(toEndpoint), options)
      open.push(client.pve)
      return client
    },
  }
}

function connect(endpoints: readonly Endpoint[], { as = TOKEN, ...rest }: Options): Client {
  const abort = new AbortController()
  const pve = connectPve({
    clusters: [{ name: 'site', nodes: ['pve1'], endpoints, credentials: async () => as }],
    signal: abort.signal,
    timeoutMs: 5000,
    ...rest,
  })
  return { pve, cluster: pve.cluster('pve1'), abort }
}

function toEndpoint({ host, port, fingerprint, renewed }: Endpoint): Endpoint {
  const pin = fingerprint === undefined ? {} : { fingerprint }
  return { host, port, ...pin, ...(renewed === undefined ? {} : { renewed }) }
}

/** The OrionError that this fails with. */
export async function getError(work: Promise<unknown>): Promise<OrionError> {
  try {
    await work
  } catch (error) {
    if (error instanceof OrionError) return error
    throw error
  }
  throw new Error('it did not fail')
}
