// The JSON Schema of the site file, for editors: generated from the schema that orion itself uses.
import { z } from 'zod'
import { siteSchema } from './schema/schema.ts'

/** Draft 7, which every YAML plugin reads; of what may be written, not of what it is read as. */
export function siteJsonSchema(): object {
  const schema = z.toJSONSchema(siteSchema, { io: 'input', target: 'draft-7' })
  return { ...schema, title: 'orion site file', description: 'What must exist on a Proxmox VE site' }
}
