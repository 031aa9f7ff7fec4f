// A small site and a lab in the test's own process, for the tests of the lab.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lab, serveLab } from '../../src/lab/serve.ts'
import type { RequestRecord } from '../../src/lab/server.ts'
import type { Hardware } from '../../src/lab/world.ts'
import type { Site } from '../../src/site/site.ts'

export const site: Site = {
  name: 'small',
  file: '/nowhere/orion.yaml',
  access: { role: 'Orion', user: 'orion@pve', token: 'orion' },
  clusters: [{ name: 'small', isp: [] }],
  nodes: [
    {
      name: 'pve1',
      cluster: 'small',
      address: '192.0.2.1',
      ports: {},
      addresses: {},
      ssh: { alsoAt: [] },
      bonds: [],
      bridges: [],
      pinPorts: false,
      packages: [],
      sysctl: {},
      swap: [],
      iommu: { passthrough: false, acsOverride: false, unsafeInterrupts: false },
      isolateCores: false,
      api: { port: 8006 },
    },
  ],
  networks: [{ name: 'lan', bridge: 'vmbr1', vlanAware: false, isolated: false, dns: [] }],
  storage: [],
  images: [
    {
      name: 'debian',
      kind: 'url',
      url: 'https://images.example/a/debian.qcow2',
      checksum: { kind: 'sums', url: 'https://images.example/a/SHA512SUMS' },
    },
    { name: 'windows', kind: 'iso', iso: 'local:iso/win.iso', drivers: 'local:iso/virtio.iso' },
  ],
  guests: [],
  devices: [],
  backup: [],
  snapshots: { keep: 2 },
  warnings: [],
}

export const hardware: Hardware = {
  cluster: 'small',
  version: '9.1.4',
  nodes: [{ name: 'pve1', threads: 16, memoryMib: 65_536, bridges: ['vmbr0'] }],
  storage: [],
  volumes: [],
}

/** A new empty folder; give it to removeFolder afterwards. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'orion-lab-'))
}

export function removeFolder(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true })
}

/** A lab in this process, whose tasks take no time. */
export async function startLab(dir: string, version = '9.1.4', record?: (entry: RequestRecord) => void): Promise<Lab> {
  await writeFile(join(dir, 'hardware.json'), JSON.stringify([{ ...hardware, version }]))
  return serveLab({ dir, pace: 0, ...(record ? { record } : {}) })
}

export interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  /** Without a token. */
  readonly anonymous?: boolean
  /** Another path than under /api2/json. */
  readonly base?: string
}
export interface Reply {
  readonly status: number
  readonly reason: string
  readonly type: string
  readonly text: string
  /** The text as JSON, {} where it is none. */
  readonly json: {
    readonly data?: unknown
    readonly message?: string
    readonly errors?: Record<string, string>
    readonly success?: number
    readonly status?: string
  }
}

/** One raw request to the first cluster of a lab, as root@pam!lab unless `anonymous`. */
export function send(
  lab: Lab,
  path: string,
  { method = 'GET', headers = {}, body, anonymous, base = '/api2/json' }: Sent = {},
): Promise<Reply> {
  const cluster = Object.values(lab.access.clusters)[0]
  const authorization = `PVEAPIToken=${cluster?.token.id}=${cluster?.token.secret}`
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: cluster?.host,
        port: cluster?.port,
        method,
        path: base + path,
        headers: {
          ...(anonymous ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0, statusMessage: reason = '' } = response
          const json = text.startsWith('{') ? (JSON.parse(text) as Reply['json']) : {}
          resolve({ status, reason, type: String(response.headers['content-type']), text, json })
        })
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** A form as body, with its method. */
export function form(values: Readonly<Record<string, string>>, method = 'POST'): Sent {
  return { method, body: new URLSearchParams(values).toString() }
}
