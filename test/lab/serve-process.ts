// The program that the life-cycle tests let openLab start: serves a lab, nothing else.
import { parseArgs } from 'node:util'
import { serveLab } from '../../src/lab/serve.ts'

const { values } = parseArgs({
  options: { 'lab-dir': { type: 'string' }, idle: { type: 'string' }, pace: { type: 'string' } },
})
const lab = await serveLab({
  dir: values['lab-dir'] ?? '',
  idleSeconds: Number(values.idle),
  pace: Number(values.pace) / 100,
})
await lab.closed
process.exit(0)
