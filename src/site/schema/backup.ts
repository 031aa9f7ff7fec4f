// Backups, replication and snapshots, with the names that vzdump and its jobs use.
import { z } from 'zod'
import { isCalendarEvent } from '../calendar-event.ts'
import * as s from './scalars.ts'
import { fields, oneOf, oneOrMore, parsed } from './words.ts'

const schedule = parsed(
  /^[\w.,:*/-]+(?: [\w.,:*/-]+){0,2}$/,
  'a schedule such as daily, 02:30, mon..fri 22:00 or */15',
  (value) => (isCalendarEvent(value) ? value : undefined),
).meta({ examples: ['daily', '02:30', 'sat 03:00'] })

const count = z.int().min(1).max(9999)
const keep = fields({
  last: count.exactOptional().describe('The newest, whatever their age'),
  hourly: count.exactOptional(),
  daily: count.exactOptional(),
  weekly: count.exactOptional(),
  monthly: count.exactOptional(),
  yearly: count.exactOptional(),
})
  .refine((entry) => Object.keys(entry).length > 0, { error: 'keeps nothing: say how many, such as { daily: 7 }' })
  .meta({ id: 'Keep', description: 'How many backups of a guest stay; default: what the storage says' })

/** A backup job; its name and the site's become its id in Proxmox VE. */
export const backup = fields({
  schedule: schedule.describe('Calendar event, by the clock of the nodes'),
  storage: s.name.describe('Storage with the content type backup'),
  mode: z.enum(['snapshot', 'suspend', 'stop']).default('snapshot').describe('What a running guest does meanwhile'),
  compress: z.enum(['zstd', 'gzip', 'lzo', 'none']).default('zstd').describe('A backup server does that by itself'),
  keep: keep.exactOptional(),
  guests: oneOrMore(s.hostName).exactOptional().describe('Default: every guest of the site'),
  bandwidth: s.sizeMib.exactOptional().describe('At most so much in a second, such as 50M'),
}).meta({ id: 'Backup', description: 'A backup job (vzdump)' })

const replication = fields({
  to: s.hostName.describe('Another node of the same cluster'),
  schedule: schedule.default('*/15').describe('Calendar event, by the clock of the nodes'),
  rate: z.number().min(1).max(100_000).exactOptional().describe('At most so many megabytes in a second'),
})
const NODE = 'a node, or { to, schedule, rate }'

/** `replicate` of a guest: where its disks are copied to, one or several. */
export const replicate = oneOrMore(
  oneOf(
    [s.hostName.transform((to): z.output<typeof replication> => ({ to, schedule: '*/15' })), replication],
    NODE,
  ).meta({ id: 'Replication', description: 'Node that gets copies of its ZFS disks, or { to, schedule, rate }' }),
)

export const snapshots = fields({
  keep: z
    .int()
    .min(0)
    .max(20)
    .default(2)
    .describe('So many of orion’s own per guest stay after a green verify; 0 = none'),
}).meta({ id: 'Snapshots', description: 'What orion makes before it changes a guest' })
