// Every question of the wizard, in the order in which they are put; what is behind an answer depends on it.
import { deviceQuestions } from './device-questions.ts'
import { guestQuestions } from './guest-questions.ts'
import { networkQuestions } from './network-questions.ts'
import { nodeQuestions } from './node-questions.ts'
import type { Draft, Question } from './question.ts'
import { serviceQuestions } from './service-questions.ts'
import { siteQuestions } from './site-questions.ts'
import { storageQuestions } from './storage-questions.ts'

const TOPICS = [
  nodeQuestions,
  siteQuestions,
  networkQuestions,
  storageQuestions,
  guestQuestions,
  deviceQuestions,
  serviceQuestions,
]

/** Pure. All that could be asked now, answered ones too. */
export function questionsOf(draft: Draft): readonly Question[] {
  return [startQuestion, ...(draft.start === undefined ? [] : TOPICS.flatMap((topic) => topic(draft)))]
}

const startQuestion: Question = {
  id: 'start',
  section: 'Start',
  kind: 'select',
  message: 'What do you want to begin with?',
  help: 'Its values are offered from here on; everything can be changed or left out.',
  choices: [
    { value: 'orion', name: 'ORION', about: 'one server: BGP router, AI stack, K3s' },
    { value: 'hive', name: 'Hive', about: 'one node, one GPU: trading beside AI' },
    { value: 'federation', name: 'Federation', about: 'clusters in several places, a mesh between them' },
    { value: 'empty', name: 'Empty', about: 'one node as it is, and what you add' },
  ],
  offer: 'orion',
  isAsked: true,
  apply: (value) => value,
  effect: { kind: 'start' },
}
