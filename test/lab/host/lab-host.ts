// A lab with one wired host, and a plain ssh2 client that runs commands on it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { quote } from '../../../src/host/quote.ts'
import { type Lab, serveLab } from '../../../src/lab/serve.ts'
import type { Hardware } from '../../../src/lab/world.ts'
import { newFolder, removeFolder } from '../lab-site.ts'

export const HARDWARE: Hardware = {
  cluster: 'small',
  version: '9.1.4',
  nodes: [
    {
      name: 'pve1',
      threads: 16,
      memoryMib: 65_536,
      bridges: ['vmbr0'],
      ports: ['eno1', 'eno2'],
      uplink: 'eno1',
      address: '192.0.2.10',
      prefix: 24,
      gateway: '192.0.2.1',
      domain: 'lan',
    },
  ],
  storage: [],
  volumes: [],
}

export interface Ran {
  readonly code: number | undefined
  readonly stdout: Buffer
  readonly stderr: string
}

export interface Session {
  run(argv: readonly string[], input?: string | Buffer): Promise<Ran>
  /** Standard output of a command that must succeed. */
  text(...argv: string[]): Promise<string>
  readonly closed: Promise<void>
  close(): void
}

export interface LabHost {
  lab: Lab
  readonly dir: string
  /** A new connection to the node, or to a router. */
  connect(name?: string): Promise<Session>
  /** Ends the lab's process, so to speak, and begins another. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Whoever starts it closes it. */
export async function startHost(change: Partial<Hardware> = {}): Promise<LabHost> {
  const dir = await newFolder()
  await writeFile(join(dir, 'hardware.json'), JSON.stringify([{ ...HARDWARE, ...change }]))
  const open = () => serveLab({ dir, pace: 0 })
  const sessions = new Set<Session>()
  const host: LabHost = {
    lab: await open(),
    dir,
    async connect(name) {
      const session = await connectTo(host.lab, {}, name)
      sessions.add(session)
      return session
    },
    async restart() {
      await host.lab.close()
      host.lab = await open()
    },
    async close() {
      for (const session of sessions) session.close()
      await host.lab.close()
      await removeFolder(dir)
    },
  }
  return host
}

/** Errors: those of ssh2, also where nobody answers. */
export async function connectTo({ access }: Lab, more: ssh2.ConnectConfig = {}, name = 'pve1'): Promise<Session> {
  const client = new ssh2.Client().setMaxListeners(0)
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()))
  const { host, port } = access.hosts[name] ?? { host: '', port: 0 }
  const privateKey = await readFile(access.identityFile)
  await new Promise<void>((resolve, reject) => {
    client.on('ready', resolve).on('error', reject)
    client.on('close', () => reject(new Error('closed')))
    client.connect({ host, port, username: 'root', privateKey, readyTimeout: 10_000, ...more })
  })
  const run: Session['run'] = (argv, input) => execute(client, quote(argv), input)
  const text = async (...argv: string[]) => {
    const { code, stdout, stderr } = await run(argv)
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${code} ${stderr}`)
    return stdout.toString('utf8')
  }
  return { run, text, closed, close: () => client.end() }
}

function execute(client: ssh2.Client, line: string, input: string | Buffer = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    client.once('close', () => reject(new Error('the connection broke')))
    client.exec(line, (error, channel) => {
      if (error) {
        reject(error)
        return
      }
      const chunks: Buffer[] = []
      let stderr = ''
      let code: number | undefined
      channel.on('data', (chunk: Buffer) => chunks.push(chunk))
      channel.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk
      })
      channel.on('exit', (given: number) => {
        code = given
      })
      channel.on('close', () => resolve({ code, stdout: Buffer.concat(chunks), stderr }))
      channel.end(input)
    })
  })
}
