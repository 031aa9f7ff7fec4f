// What stands in a simulated cluster after a run, read through its API, and everything that could be there twice.
import type { Reader } from './lab-client.ts'

interface Guest {
  readonly vmid: number
  readonly type: 'qemu' | 'lxc'
  readonly node: string
  readonly name: string
  readonly status: string
}

interface Volume {
  readonly volid: string
  readonly vmid?: number | string
  readonly content: string
}

export const guests = (lab: Pick<Reader, 'get'>): Promise<Guest[]> => lab.get<Guest[]>('/cluster/resources?type=vm')

export const configOf = (
  lab: Pick<Reader, 'get'>,
  { node, type, vmid }: Guest,
): Promise<Record<string, string | number>> => lab.get(`/nodes/${node}/${type}/${vmid}/config`)

async function volumes(lab: Pick<Reader, 'get'>, node: string): Promise<Volume[]> {
  const storages = await lab.get<{ storage: string }[]>(`/nodes/${node}/storage`)
  const lists = storages.map(({ storage }) => lab.get<Volume[]>(`/nodes/${node}/storage/${storage}/content`))
  return (await Promise.all(lists)).flat()
}

const repeated = (values: readonly string[]): string[] =>
  values.filter((value, index) => values.indexOf(value) !== index)

/** `debian-13-standard_13.1-2_amd64.tar.zst` and `…_13.1-1_…` are the same image twice. */
const imageName = (volid: string): string => volid.replace(/^[^/]+\//, '').replace(/_.*|\..*$/, '')

/**
 * What is wrong with a node that was built in several attempts: guests or images twice, volumes that no guest uses, locks and
 * half-made guests left behind. `wanted` says which guests there must be, as `200 router`. [] = nothing.
 */
export async function leftovers(lab: Pick<Reader, 'get'>, node: string, wanted: readonly string[]): Promise<string[]> {
  const all = await guests(lab)
  const found = all.map(({ vmid, name }) => `${vmid} ${name}`)
  const configs = await Promise.all(all.map((guest) => configOf(lab, guest)))
  const used = configs.flatMap((config) => Object.values(config).map((value) => String(value).split(',')[0] ?? ''))
  const stored = await volumes(lab, node)
  const images = stored.filter(({ content }) => content === 'import' || content === 'vztmpl')
  const macs = configs.flatMap((config) => JSON.stringify(config).match(/(?:[0-9A-F]{2}:){5}[0-9A-F]{2}/g) ?? [])
  return [
    ...wanted.filter((guest) => !found.includes(guest)).map((guest) => `guest ${guest} is missing`),
    ...found.filter((guest) => !wanted.includes(guest)).map((guest) => `guest ${guest} is not wanted`),
    ...repeated(all.map(({ vmid }) => String(vmid))).map((vmid) => `guest ${vmid} is there twice`),
    ...all.filter(({ status }) => status !== 'running').map(({ vmid, status }) => `guest ${vmid} is ${status}`),
    ...configs.flatMap((config, index) => (config.lock ? [`guest ${all[index]?.vmid} is locked: ${config.lock}`] : [])),
    ...configs.flatMap((config) => Object.keys(config).filter((key) => /^unused\d/.test(key))),
    ...repeated(macs).map((mac) => `MAC ${mac} is there twice`),
    ...stored
      .filter(({ vmid, volid }) => vmid !== undefined && !used.includes(volid))
      .map(({ volid }) => `${volid} is an orphan`),
    ...repeated(images.map(({ volid }) => imageName(volid))).map((name) => `image ${name} is there twice`),
  ]
}
