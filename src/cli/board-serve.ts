import { once } from 'node:events'
import type { ServedBoard } from '../../sim/board/serve-board.ts'
import { GemgateError } from '../core/errors.ts'
import { loadRecoilClassifier } from '../network/recoil-classifier.ts'
import type { Output } from './output.ts'

export interface ServeOptions {
  readonly pty?: boolean
  readonly vfioUser?: string
  readonly logic: 'pixels' | 'macro-pixels'
  readonly lossy?: number
  readonly seed: number
  readonly model?: string
  readonly json?: boolean
}

/** `gemgate board serve`: ends in order with the signal. */
export async function serveBoard(
  address: string,
  options: ServeOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { pty, vfioUser, logic, lossy, seed, model } = options
  if (address !== 'model:' && address !== 'sim:')
    throw new GemgateError('GG_USAGE', `${address} cannot be served`, 'Serve model: or sim:.')
  if ((pty === true) === (vfioUser !== undefined))
    throw new GemgateError(
      'GG_USAGE',
      'one way to reach the board is needed',
      'Give either --pty or --vfio-user PATH.',
    )
  if (address === 'sim:' && model !== undefined)
    throw new GemgateError(
      'GG_USAGE',
      '--model does not go with sim:',
      'The Verilog holds the weights of the shipped classifier; serve model: instead.',
    )
  const { classify } = await loadRecoilClassifier(model)
  const { serve } = await import('../../sim/board/serve-board.ts')
  await using served: ServedBoard = await serve(address, {
    classify,
    logic,
    ...(vfioUser === undefined ? {} : { socket: vfioUser }),
    ...(lossy === undefined ? {} : { lossy: { rate: lossy, seed } }),
  })
  output.text(`${address} is served as ${served.address}`)
  output.text(`try: gemgate board test '${served.address}'; Ctrl-C ends it`)
  output.result({ address: served.address, path: served.path, logic })
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), served.ended])
  output.text('the board was served until here')
}
