// Devices, the Keeper and the firewall.
import { z } from 'zod'
import * as s from './scalars.ts'
import { fields, oneOf, oneOrMore, parsed, text } from './words.ts'

export const device = fields({
  node: s.hostName.describe('Node that it is in'),
  ids: oneOrMore(
    text(/^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/, 'a PCI or USB id such as 10de:2204').transform((id) => id.toLowerCase()),
  ).describe('vendor:device of each function'),
  address: text(/^(?:[0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?$/, 'a PCI address such as 0000:01:00.0')
    .exactOptional()
    .describe('Where the ids are not unique; with another function than .0 it means that function alone'),
  guest: s.hostName.exactOptional().describe('Guest that has it'),
  standby: oneOrMore(s.hostName).exactOptional().describe('Guests that may have it instead'),
  primaryGpu: z.boolean().default(false).describe('The node’s own console is on it'),
  port: text(/^\d{1,3}-\d{1,2}(?:\.\d{1,2}){0,5}$/, 'a USB port such as 1-4 or 2-1.3')
    .exactOptional()
    .describe('USB port that it is in: it is a USB device then'),
  path: text(/^\/dev\/[A-Za-z0-9][A-Za-z0-9_./-]{0,62}$/, 'a device such as /dev/apex_0')
    .exactOptional()
    .describe('What a container gets of it; default for a Coral: /dev/apex_0'),
  yields: z
    .enum(['stop', 'run'])
    .default('stop')
    .describe('The guest that gives it away stays stopped, or runs on without it'),
  fallback: z
    .enum(['without', 'reboot'])
    .default('without')
    .describe('Where it does not come back sane: the guest goes without it, or the node is to be restarted'),
  adopted: z
    .boolean()
    .default(false)
    .describe('Its guest had it before orion: driver, mapping and guest stay as they are'),
}).meta({ id: 'Device', description: 'A device of a node that a guest gets' })

const watchdog = fields({
  device: s.absolutePath.exactOptional().describe('Such as /dev/watchdog'),
  timeout: s.durationSeconds
    .exactOptional()
    .describe('Of the device: without a sign for so long it resets, such as 60s'),
  serial: s.absolutePath.exactOptional().describe('Serial port of a watchdog outside'),
})
  .refine(({ device, serial }) => device !== undefined || serial !== undefined, { error: 'needs a device or a serial' })
  .refine(({ device, timeout }) => (device === undefined) === (timeout === undefined), {
    error: 'device and timeout belong together',
  })
  .meta({ id: 'Watchdog', description: 'What resets the node when it stands still: inside, outside, or both' })

export const keeper = fields({
  temperature: fields({
    limit: s.celsius.describe('Over this it sheds guests, such as 80C'),
    resume: s.celsius.describe('Under this it gives back'),
    sensors: oneOrMore(text(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,62}$/, 'a sensor such as k10temp or nvidia'))
      .exactOptional()
      .describe('Names as hwmon has them, and nvidia; default: processors and graphics cards'),
  }).exactOptional(),
  metrics: s.absolutePath.exactOptional().describe('File that node-exporter reads'),
  shed: oneOrMore(s.hostName).exactOptional().describe('What gives way first, in this order'),
  balloonIdle: oneOrMore(s.hostName).exactOptional().describe('Guests whose idle memory is taken first'),
  watchdog: watchdog.exactOptional(),
}).meta({ id: 'Keeper', description: 'A guard on the node itself' })

const PORTS = 'a port from 1 to 65535, or a range such as 8000-8010'
const portRange = parsed(/^\d{1,5}(?:-\d{1,5})?$/, PORTS, (value) => {
  const [first = 0, last = first] = value.split('-').map(Number)
  return first >= 1 && last >= first && last <= 65535 ? value : undefined
})
const ports = oneOrMore(
  oneOf([s.port.transform(String), portRange], PORTS).meta({
    id: 'Ports',
    description: 'A port, or a range first-last',
  }),
)

export const firewall = fields({
  router: s.hostName.describe('Guest that filters'),
  allow: z
    .array(
      fields({
        from: oneOrMore(s.name).describe('Networks or guests'),
        to: oneOrMore(s.name).describe('Networks or guests'),
        tcp: ports.exactOptional().describe('Without tcp, udp and icmp: everything'),
        udp: ports.exactOptional().describe('Ports, or ranges such as 8000-8010'),
        icmp: z.boolean().default(false),
      }),
    )
    .default([])
    .describe('What is not listed is dropped; replies pass'),
  masquerade: oneOrMore(s.name).exactOptional().describe('Networks behind whose address the others appear'),
}).meta({ id: 'Firewall', description: 'Rules of the guest that filters' })
