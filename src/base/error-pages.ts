// What every error code means, what usually causes it, and what to do: the one table behind `orion help errors`.
import type { Code } from '../errors.ts'
import { type ErrorPage, HOST_ERROR_PAGES } from './error-pages-host.ts'

export type { ErrorPage } from './error-pages-host.ts'

export const ERROR_PAGES: Readonly<Record<Code, ErrorPage>> = {
  E_USAGE: {
    meaning: 'The command line cannot be understood: a flag, an argument or a value is wrong. Nothing was changed.',
    causes: ['a mistyped flag or name', 'flags that exclude each other', 'a value without its unit, or out of range'],
    remedies: ['add --help to the command: it shows its flags and examples'],
  },
  E_SITE: {
    meaning: 'The site file is missing or wrong. Nothing was contacted.',
    causes: [
      'a mistyped key, or a value of another kind',
      'two things with one address, VMID or name',
      'a name that nothing has',
    ],
    remedies: [
      'go through the findings: each has file, line and column',
      'without a site file: orion bootstrap init asks for everything and writes one',
      'let your editor check while you type: the first line of the file names the JSON Schema',
    ],
  },
  E_SECRET: {
    meaning: 'A secret that the site file refers to cannot be read.',
    causes: [
      'the environment variable is not set in this shell, or in this CI job',
      'the file is not there, or not readable',
      'the command of the reference ended with an error',
    ],
    remedies: [
      'set the variable, or make the file: the message names it',
      'try the command of the reference by itself; what it prints is the secret, and orion shows none of it',
    ],
  },
  E_CONFIRM: {
    meaning: 'Nobody agreed to the change, so nothing was done.',
    causes: ['there is no terminal to ask in (CI, cron, a pipe)', 'the name that was typed is another one'],
    remedies: ['look at the plan first, then add --yes', 'where a name is wanted: --confirm NAME'],
  },
  E_DIFFERENCES: {
    meaning: 'The site is not as the site file says.',
    causes: ['the site file changed and was not applied', 'somebody changed the site by hand'],
    remedies: ['orion bootstrap plan shows what differs', 'orion bootstrap makes it so'],
  },
  E_PLAN: {
    meaning: 'The plan could not be made, or has problems; a plan with problems is not applied.',
    causes: ['a thing could not be looked at', 'things need each other in a circle'],
    remedies: ['read the first problem of the plan: the others often follow from it', 'run the plan again'],
  },
  E_PLAN_STALE: {
    meaning: 'What is there is no longer what the plan was made from, so the plan was not carried out.',
    causes: [
      'somebody changed the site between plan and apply',
      'the saved plan was edited, or is of another site file',
      'an apply ran after the plan was saved',
    ],
    remedies: ['make the plan anew and look at it again'],
  },
  E_NOT_CONVERGED: {
    meaning: 'A step was carried out without an error, and the thing is still not as wanted.',
    causes: [
      'Proxmox VE took the value and keeps another one',
      'something else on the node writes the same setting',
      'a defect of orion',
    ],
    remedies: [
      'run the plan again: it shows what differs',
      'if it stays: look who else changes it (a cron job, another tool, a cluster script)',
    ],
  },
  E_APPLY: {
    meaning: 'One or more steps failed; the others were carried out, or not tried.',
    causes: ['the error of the step says it', 'a file or folder on this machine cannot be written'],
    remedies: ['read the error of the first failed step', 'run the same command again: what is done is left alone'],
  },
  E_IMMUTABLE: {
    meaning: 'The change cannot be made to a thing that exists, and orion replaces nothing by itself.',
    causes: [
      'a disk that would have to shrink',
      'another node, storage type or operating system for an existing thing',
    ],
    remedies: ['change the site file back', 'or do by hand what the hint says, then run it again'],
  },
  E_FOREIGN: {
    meaning: 'The thing exists and is not of this site, so it was not touched.',
    causes: [
      'a guest that was made by hand has the VMID',
      'another site, or another name of this site, made it',
      'a file of somebody else stands where ours belongs',
    ],
    remedies: [
      'give the thing in the site file another VMID or name',
      'or take what exists into the site file: orion bootstrap import NODE',
    ],
  },
  E_LOCKED: {
    meaning: 'Another run of orion works on this site.',
    causes: ['a colleague or a CI job on this machine', 'a second terminal'],
    remedies: [
      'wait until it ends: the message says who and since when',
      'a lock of a dead process is taken over by itself',
    ],
  },
  E_INTERRUPTED: {
    meaning: 'You stopped it with Ctrl-C. Nothing new was begun after that.',
    causes: ['Ctrl-C, or the signal TERM'],
    remedies: [
      'run the same command again: it goes on where it stopped',
      'tasks of Proxmox VE that were running go on; the report names them',
    ],
  },
  E_PVE_UNREACHABLE: {
    meaning: 'The API of Proxmox VE does not answer, or the node behind it; nothing was changed.',
    causes: ['the node is off, or the address is wrong', 'a firewall on the way to port 8006', 'the VPN is down'],
    remedies: ['open https://ADDRESS:8006 from this machine', 'orion verify shows what else does not answer'],
  },
  E_PVE_LOST: {
    meaning: 'A request was sent and its answer never came: it may or may not have happened.',
    causes: ['the connection broke', 'the node or its pveproxy restarted meanwhile'],
    remedies: ['run the same command again: orion looks first, and does only what is missing'],
  },
  E_PVE_BUSY: {
    meaning: 'A lock of Proxmox VE could not be had in time.',
    causes: [
      'a backup, migration or clone of the guest is running',
      'somebody else changed the same thing at the same moment',
      'a lock that a broken task left on the guest',
    ],
    remedies: [
      'wait for the task: the web interface lists it under Tasks',
      'a lock that nobody holds: qm unlock VMID (of a container pct unlock VMID) on the node, after you have looked',
    ],
  },
  E_PVE_CERTIFICATE: {
    meaning: 'The certificate of the API is not the one that is expected, so nothing was sent.',
    causes: ['it was renewed', 'another machine answers at this address'],
    remedies: [
      'orion bootstrap access reads it anew on the node itself, over SSH',
      'without SSH: compare the fingerprint at the console (pvenode cert info), then put it into the site file',
    ],
  },
  E_PVE_AUTH: {
    meaning: 'Proxmox VE does not know the token (401).',
    causes: [
      'the token was removed or renewed, or it expired',
      'ORION_TOKEN_ID or ORION_TOKEN_SECRET of this shell or CI job is an old one: they come before all others',
      'a mistyped id: it is user@realm!name',
    ],
    remedies: ['orion bootstrap access --renew makes it anew, over SSH'],
  },
  E_PVE_DENIED: {
    meaning: 'The token may not do this (403).',
    causes: [
      'the site file wants something new for which the role has no privilege yet',
      'the role was changed by hand',
      'only root@pam itself may do it: the message says so',
    ],
    remedies: ['orion bootstrap access gives the role exactly what this site needs'],
  },
  E_PVE_NOT_FOUND: {
    meaning: 'Proxmox VE says that the thing does not exist.',
    causes: ['it was removed meanwhile', 'the guest is on another node than the site file says'],
    remedies: ['run the plan again: it looks at what is there now'],
  },
  E_PVE_PARAMETERS: {
    meaning: 'Proxmox VE does not accept a parameter (400).',
    causes: [
      'a value that this version of Proxmox VE does not know',
      'a storage or bridge that the node does not have',
    ],
    remedies: ['the message names the parameter: change the key of the site file that it comes from'],
  },
  E_PVE_ANSWER: {
    meaning: 'Proxmox VE answered with an error of its own.',
    causes: ['the message is what it said', 'a storage is full or offline', 'the cluster has no quorum'],
    remedies: ['look into the journal of the node: journalctl -u pvedaemon -u pveproxy --since -10min'],
  },
  E_TASK: {
    meaning: 'A task of Proxmox VE ended with an error.',
    causes: ['the last lines of its log say it', 'no space, no quorum, or a device that is in use'],
    remedies: ['mend what the log says, then run the same command again'],
  },
  E_IMAGE: {
    meaning: 'An image, or its list of checksums, could not be had, or is not what the checksum says.',
    causes: ['the address moved', 'the node has no way out', 'the image was renewed and the checksum was not'],
    remedies: ['open the address from the node', 'point checksum at the sums file beside the image'],
  },
  ...HOST_ERROR_PAGES,
  E_LAB: {
    meaning: 'The rehearsal lab could not be started, or does not answer.',
    causes: ['its folder cannot be written', 'it was made by another version of orion'],
    remedies: ['begin with an empty one: --fresh', 'nothing real is concerned'],
  },
}
