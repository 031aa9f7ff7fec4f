// A second process for output.test.ts: prints more than any pipe holds, twice.
import { printJson, printOut } from '../../src/console/output.ts'

await printOut('x'.repeat(4_000_000))
await printJson({ text: 'x'.repeat(4_000_000) })
