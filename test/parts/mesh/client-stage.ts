// A gateway as a host of orion's, over the files and programs of a namespace; and a person's device with the configuration that it was given.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OrionError } from '../../../src/errors.ts'
import type { Change, ChangeOptions, Guard } from '../../../src/host/guard.ts'
import type { Host, Output } from '../../../src/host/host.ts'
import { MESH_DIR, MESH_PROGRAM } from '../../../src/parts/mesh/link-paths.ts'
import { daemons } from '../../daemons/daemons.ts'
import type { Rig, Space } from '../../daemons/rig.ts'
import { type Ran, run } from '../../hosts/inside.ts'
import { fakeHost, file } from '../../resources/fake-host.ts'
import type { LinkHost } from './link-stage.ts'

/** What `orion mesh client` needs of a gateway: its guard puts back what is not proved. */
export function gatewayHost(gateway: LinkHost): Host {
  const { name } = gateway.end.own
  const inside = (path: string) => path.slice(MESH_DIR.length + 1)
  const paths = () =>
    ['clients', 'links'].flatMap((folder) => {
      const real = join(gateway.space.folder, 'mesh', folder)
      return existsSync(real) ? readdirSync(real).map((one) => `${folder}/${one}`) : []
    })
  const ask = async (argv: readonly string[]): Promise<Output> => {
    if (argv[0] === 'uname') return { code: 0, stdout: name, stderr: '' }
    if (argv[3] !== 'orion-folders') return gateway.run(...argv)
    const rows = paths().filter((path) => argv.slice(4).includes(`${MESH_DIR}/${path.split('/')[0]}`))
    const line = (path: string) =>
      `644 root:root ${Buffer.from(gateway.file(path)).toString('base64')} ${MESH_DIR}/${path}\n`
    return { code: 0, stdout: rows.map(line).join(''), stderr: '' }
  }
  const write = (files: Change['files']) => {
    for (const { path, text, mode } of files) gateway.put(inside(path), text, mode)
  }
  const change = async ({ files, activate }: Change, { prove }: ChangeOptions) => {
    const before = files.map(({ path }) => ({
      path,
      text: paths().includes(inside(path)) ? gateway.file(inside(path)) : undefined,
    }))
    write(files)
    for (const [, verb = ''] of activate) await gateway.mesh(verb)
    const reasons = await prove(host)
    if (reasons.length === 0) return
    write(before)
    throw new OrionError(reasons.join('; '), { code: 'E_ROLLED_BACK' })
  }
  const host: Host = {
    ...fakeHost({ name }).host,
    run: async (argv) => {
      const ran = await gateway.run(...argv)
      if (ran.code === 0) return ran
      throw new OrionError(ran.stderr, { code: 'E_HOST_COMMAND' })
    },
    read: async ({ files = [], commands = {} }) => {
      const there = files.filter((path) => path === MESH_PROGRAM || paths().includes(inside(path)))
      const textOf = (path: string) => (path === MESH_PROGRAM ? '#!/bin/sh\n' : gateway.file(inside(path)))
      const asked = Object.entries(commands).map(async ([key, argv]) => [key, await ask(argv)] as const)
      return {
        files: new Map(there.map((path) => [path, file(textOf(path))])),
        commands: new Map(await Promise.all(asked)),
      }
    },
    write: async (files) => write(files),
    once: (_, read) => read(),
    fresh: async () => host,
    guard: { ...fakeHost({ name }).host.guard, change } satisfies Guard,
  }
  return host
}

export interface Device {
  readonly space: Space
  /** Takes the configuration as an app would, in place of the one before. */
  take(configuration: string): Promise<void>
  ping(address: string, from?: string): Promise<boolean>
  /** Its tunnel ends, and with it the program behind it. */
  leave(): Promise<void>
}

/** Beside the gateway on a wire of its own, behind which is the endpoint. */
export async function device(rig: Rig, gateway: LinkHost, endpoint: string): Promise<Device> {
  const space = rig.space('phone')
  rig.cable(
    { space: gateway.space, name: 'street', addresses: ['198.51.100.1/24'] },
    { space, name: 'radio', addresses: ['198.51.100.9/24'] },
  )
  await space.must(['ip', 'route', 'add', `${endpoint}/32`, 'via', '198.51.100.1'])
  const tools = await daemons('2.17')
  mkdirSync(join(space.folder, 'run'))
  const start = join(gateway.space.folder, 'bin', 'wireguard-go')
  const inside = ['unshare', '-m', 'sh', '-c', `mount --bind ${space.folder}/run /run && exec "$@"`, 'in']
  const here = (...argv: readonly string[]): Promise<Ran> =>
    run(['ip', 'netns', 'exec', space.namespace, ...inside, ...argv])
  const must = async (...argv: readonly string[]) => {
    const { code, stderr } = await here(...argv)
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  }
  await must(start, 'wg0')
  return {
    space,
    take: async (configuration) => {
      // What wg-quick sets itself.
      const isOwn = (line: string) => /^(Address|DNS|MTU) = /.test(line)
      const lines = configuration.split('\n')
      const path = join(space.folder, 'wg0.conf')
      writeFileSync(path, lines.filter((line) => !isOwn(line)).join('\n'), { mode: 0o600 })
      const valuesOf = (key: string) =>
        lines
          .find((line) => line.startsWith(`${key} = `))
          ?.slice(key.length + 3)
          .split(', ') ?? []
      await must(tools.wg, 'setconf', 'wg0', path)
      await must('ip', 'address', 'flush', 'dev', 'wg0', 'scope', 'global')
      for (const address of valuesOf('Address')) await must('ip', 'address', 'add', address, 'dev', 'wg0')
      await must('ip', 'link', 'set', 'wg0', 'up')
      for (const route of valuesOf('AllowedIPs')) await must('ip', 'route', 'replace', route, 'dev', 'wg0')
    },
    ping: async (address, from) => {
      const source = from === undefined ? [] : ['-I', from]
      return (await here('ping', '-n', '-q', '-c', '1', '-W', '1', ...source, address)).code === 0
    },
    leave: () => must('ip', 'link', 'del', 'wg0'),
  }
}
