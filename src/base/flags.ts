// The flags that commands share, in one wording.
import { boolean, integer, string } from '@oclif/core/flags'

/** On every command: which site, and where it lives. */
export const siteFlags = {
  site: string({
    char: 's',
    summary: 'Site file (default: ORION_SITE, else the nearest orion.yaml upward).',
    helpValue: 'FILE',
    helpGroup: 'SITE',
  }),
  lab: boolean({
    summary: 'Work on the rehearsal lab, a simulated Proxmox VE: nothing real is touched.',
    helpGroup: 'SITE',
  }),
  'lab-dir': string({
    summary: 'Keep the lab in this folder (implies --lab; default: per site under the XDG state folder).',
    helpValue: 'DIR',
    helpGroup: 'SITE',
  }),
}

const concurrency = integer({
  summary: 'How much happens at once: steps, and requests per cluster.',
  min: 1,
  max: 64,
  default: 8,
})

/** On commands that look at a part of the site. */
export const planFlags = {
  only: string({
    char: 'o',
    multiple: true,
    summary: 'Only what matches (a name, an id, with * and ?), and what that needs; can be given more than once.',
    helpValue: 'PATTERN',
  }),
  concurrency,
  verbose: boolean({ char: 'v', summary: 'Show every field of what is new, and what is as wanted.' }),
}

/** On commands that change something. */
export const applyFlags = {
  ...planFlags,
  'dry-run': boolean({
    summary: 'Show the plan and stop: exit 3 where there are differences, 0 where there are none.',
  }),
  yes: boolean({ char: 'y', summary: 'Do not ask.' }),
  restart: boolean({ summary: 'Restart guests whose pending changes need it.' }),
}

/** Starts the lab anew. */
export const fresh = boolean({ summary: 'Begin with an empty lab (with --lab).' })
