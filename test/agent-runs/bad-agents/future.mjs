import { answer } from './say.mjs'

answer({}, 7)
