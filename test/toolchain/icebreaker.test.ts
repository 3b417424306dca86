import { findBoard } from '../../src/toolchain/boards.ts'
import { bitstreamSuite } from '../support/bitstream-suite.ts'

bitstreamSuite(findBoard('icebreaker'), 1)
