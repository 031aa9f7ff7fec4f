// The nodes: which there are, where they answer, and what is read of them.
import { OrionError } from '../../errors.ts'
import type { Discovery } from '../../site/discovery.ts'
import { formatIp, formatNetwork, parseCidr } from '../../site/ip.ts'
import { host as hostSchema } from '../../site/schema/scalars.ts'
import { type Draft, list, type Question, text } from './question.ts'
import { prune, renameNode, without } from './references.ts'
import { renumber } from './renumber.ts'
import { get, isMap, keysOf, listAt, set, textAt, type Value } from './value.ts'

/** Nodes of the starting point that are still there: `key` is its name there, `name` the one that it has now. */
export function nodesOf({ start, names, value }: Draft): { readonly key: string; readonly name: string }[] {
  return keysOf(start?.value, 'nodes')
    .map((key) => ({ key, name: names[key] ?? key }))
    .filter(({ name }) => get(value, ['nodes', name]) !== undefined)
}

export function nodeQuestions(draft: Draft): Question[] {
  return [...whichQuestion(draft), ...nodesOf(draft).flatMap(({ key, name }) => nodeQuestion(draft, key, name))]
}

function whichQuestion({ start }: Draft): Question[] {
  const nodes = keysOf(start?.value, 'nodes')
  if (nodes.length < 2) return []
  return [
    {
      id: 'nodes',
      section: 'Nodes',
      kind: 'checkbox',
      message: 'Which of these nodes do you have?',
      help: 'What stands on the others is left out. They can come later: orion bootstrap join',
      choices: nodes.map((value) => ({ value, about: aboutNode(start?.value, value) })),
      offer: nodes,
      isAsked: true,
      refuse: (answer) => (list(answer).length === 0 ? 'a site has one node at least' : undefined),
      apply: (value, answer) =>
        nodes
          .filter((name) => !list(answer).includes(name))
          .reduce((now, name) => without(now, ['nodes', name]), value),
    },
  ]
}

function aboutNode(value: Value, name: string): string {
  const cluster = textAt(value, 'nodes', name, 'cluster')
  return [cluster, textAt(value, 'nodes', name, 'address')].filter((part) => part !== undefined).join(', ')
}

function nodeQuestion({ start, here }: Draft, key: string, name: string): Question[] {
  const address = textAt(start?.value, 'nodes', key, 'address')
  return [
    {
      id: `nodes.${key}.address`,
      section: 'Node',
      kind: 'input',
      message: `Where does ${start?.name === 'empty' ? 'the node' : key} answer?`,
      help: 'Address or name of the Proxmox VE host; user@address:port where SSH needs that.',
      ...(address ? { offer: address } : {}),
      isAsked: true,
      places: [['nodes', name, 'ssh']],
      refuse: (answer) => refuseAddress(text(answer)),
      // Whether it fits the networks is seen once the node was read.
      tolerates: () => true,
      apply: (value, answer) => putAddress(value, name, text(answer).trim()),
    },
    {
      id: `nodes.${key}.look`,
      section: 'Node',
      kind: 'select',
      message: here.lab ? `Read ${key} in the lab?` : 'Connect over SSH and read what is there?',
      help: 'Version, ports, storages, guests, devices and cores are offered then. Nothing is changed.',
      choices: [
        { value: 'yes', about: here.lab ? 'a simulated host' : 'its host key is shown, and you are asked' },
        { value: 'no', about: 'answer everything by hand' },
      ],
      offer: 'yes',
      isAsked: true,
      apply: (value) => value,
      effect: { kind: 'look', node: key },
    },
  ]
}

const PLACE = /^(?:([A-Za-z_][\w.-]*)@)?(\[[^\]\s]+\]|[^:\s[\]]+|[^\s[\]]*:[^\s[\]]*:[^\s[\]]*)(?::(\d{1,5}))?$/

function readPlace(given: string) {
  const [, user, host = '', port] = PLACE.exec(given.trim()) ?? []
  return {
    address: host.replace(/^\[(.*)\]$/, '$1'),
    ...(user ? { user } : {}),
    ...(port ? { port: Number(port) } : {}),
  }
}

function refuseAddress(given: string): string | undefined {
  if (given.trim() === '') return 'there must be an address'
  const { address, port = 22 } = readPlace(given)
  if (!hostSchema.safeParse(address).success) return `"${given}" is not an address or a host name`
  return port >= 1 && port <= 65535 ? undefined : `${port} is not a port: 1 to 65535`
}

/** The node's own addresses that were the old one are the new one. */
function putAddress(value: Value, name: string, given: string): Value {
  const { address, ...ssh } = readPlace(given)
  const before = textAt(value, 'nodes', name, 'address')
  const told = Object.keys(ssh).length === 0 ? value : set(value, ['nodes', name, 'ssh'], ssh)
  const put = set(told, ['nodes', name, 'address'], address)
  return keysOf(put, 'nodes', name, 'addresses').reduce((now, network) => {
    const path = ['nodes', name, 'addresses', network]
    const own = listAt(now, ...path).map((one) =>
      one.split('/')[0] === before ? one.replace(before ?? '', address) : one,
    )
    return set(now, path, Array.isArray(get(now, path)) ? own : own[0])
  }, put)
}

/** The draft with what was read of a node: its name, hardware, gateway, and the network that it is in. Errors: E_USAGE. */
export function adoptNode(draft: Draft, key: string, found: Discovery): Draft {
  const before = draft.names[key] ?? key
  if (before !== found.node && keysOf(draft.value, 'nodes').includes(found.node)) {
    throw new OrionError(`the host at this address is ${found.node}, which the site has already`, {
      code: 'E_USAGE',
      suggestions: ['name the address of another host'],
    })
  }
  const told = { ...draft, found: { ...draft.found, [key]: found }, names: { ...draft.names, [key]: found.node } }
  const renamed = renameNode(draft.value, before, found.node)
  const value = draft.start?.name === 'empty' ? takeOver(draft, renamed, found) : moveHome(renamed, found)
  return { ...told, value: putHardware(value, found) }
}

/** Without a model, networks and storages are what is there. */
function takeOver({ here }: Draft, value: Value, found: Discovery): Value {
  const address = textAt(value, 'nodes', found.node, 'address') ?? found.address
  // Of a network only its guests' addresses may tell the prefix.
  const { value: live } = here.importSite([found], { address, guests: ({ isTemplate }) => !isTemplate })
  const node = { ...(get(live, ['nodes', found.node]) as object), ...(get(value, ['nodes', found.node]) as object) }
  const taken = ['networks', 'storage'].reduce((now, part) => set(now, [part], get(live, [part])), value)
  return prune(set(taken, ['nodes', found.node], node))
}

/** The network of the node's own address is the one that the node says; it may be reached at another one, through a router. */
function moveHome(value: Value, { node, bridges, vlans }: Discovery): Value {
  const address = textAt(value, 'nodes', node, 'address') ?? ''
  const all = [...bridges, ...vlans]
  const reached = all.flatMap(({ addresses }) => addresses).find((one) => one.split('/')[0] === address)
  const own = reached ?? all.find(({ gateway }) => gateway !== undefined)?.addresses.find((one) => !one.includes(':'))
  const cidr = own === undefined ? undefined : parseCidr(own)
  const home = keysOf(value, 'nodes', node, 'addresses').find((name) =>
    listAt(value, 'nodes', node, 'addresses', name).some((one) => one.split('/')[0] === address),
  )
  if (cidr === undefined || home === undefined) return value
  const path = ['networks', home, cidr.family === 4 ? 'ipv4' : 'ipv6']
  const network = formatNetwork(cidr)
  const fixed = keysOf(value, 'nodes').flatMap((name) => [
    ['nodes', name, 'address'],
    ['nodes', name, 'addresses', home],
  ])
  const moved = set(renumber(value, textAt(value, ...path), network, fixed), path, network)
  return reached === undefined
    ? set(moved, ['nodes', node, 'addresses', home], formatIp(cidr.family, cidr.address))
    : moved
}

const GIB = 2 ** 30

function putHardware(value: Value, { node, topology, memoryBytes, gateway, gateway6 }: Discovery): Value {
  const path = ['nodes', node, 'hardware']
  const before = get(value, path)
  const hardware = {
    ...(isMap(before) ? before : {}),
    threads: topology.threads,
    cores: topology.cores,
    memory: `${Math.max(1, Math.floor(memoryBytes / GIB))}G`,
  }
  const ways = Object.entries({ gateway, gateway6 }).filter(([, address]) => address !== undefined)
  return ways.reduce<Value>(
    (now, [name, address]) => set(now, ['nodes', node, name], address),
    set(value, path, hardware),
  )
}
