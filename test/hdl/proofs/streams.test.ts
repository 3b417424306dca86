import { describe, expect, it } from 'vitest'
import { clusteringTables } from './clustering-proof.ts'
import { fifoProofs } from './fifo-proofs.ts'
import { hdlModules, hdlText } from './hdl-files.ts'
import { proveModule } from './prove-module.ts'
import { streamsOf } from './stream-harness.ts'
import { streamProofs } from './stream-proofs.ts'

const sources = hdlModules.filter((module) => streamsOf(module).some(({ source }) => source))
const changed = (path: string, from: string, to: string) => {
  const text = hdlText(path.replace(/^.*\/(\w+)\.sv$/, '$1'))
  expect(text).toContain(from)
  return { [path]: text.replace(from, to) }
}

describe('streams of hdl/', () => {
  it('are all looked at', () => {
    expect(Object.keys({ ...streamProofs, ...fifoProofs }).sort()).toEqual(sources)
  })

  it.concurrent.each(Object.entries(streamProofs))(
    '%s: valid stays, payload stays, quiet after reset',
    async (module, proof) => {
      const { status, message, stuck } = await proveModule(module, proof)
      expect(status, `${message}\n${stuck}`).toBe('proven')
    },
  )

  it.concurrent.each(Object.entries(fifoProofs))(
    '%s: the same, and no beat lost, doubled or changed',
    async (module, proof) => {
      const { status, message, stuck } = await proveModule(module, proof)
      expect(status, `${message}\n${stuck}`).toBe('proven')
    },
  )

  it('clustering: tables of labels and runs are never used out of range', async () => {
    const { status, message, stuck } = await proveModule('clustering', clusteringTables)
    expect(status, `${message}\n${stuck}`).toBe('proven')
  })
})

describe('a bug', () => {
  it('in the hold of a register slice is found', async () => {
    const file = changed(
      'hdl/network/stream_slice.sv',
      'if (free & (take | ~s_axis_tready)) m_axis_tdata',
      'if (take | free) m_axis_tdata',
    )
    const { signals: _, body: __, ...rules } = fifoProofs['stream_slice']!
    const proof = await proveModule('stream_slice', rules, file)
    expect(proof.status).toBe('failed')
    expect(proof.asserts.find(({ status }) => status === 'failed')).toMatchObject({
      name: 'm_axis_rules.g_asserted.payload_stays',
      file: expect.stringMatching(/stream_rules\.sv$/),
    })
    expect((await proof.counterexample!.replay()).violations.length).toBeGreaterThan(0)
  })

  it('in the full flag of a FIFO is found: it loses a beat', async () => {
    const file = changed(
      'hdl/network/stream_fifo.sv',
      's_axis_tready <= ~next_count[D];',
      "s_axis_tready <= 1'b1;",
    )
    const { parameters, inputs, signals, body } = fifoProofs['stream_fifo']!
    const order = body!.replace(/all_held:[\s\S]*?end$/, 'end')
    const proof = await proveModule(
      'stream_fifo',
      { parameters, inputs, signals, body: order, freeMemories: 1000 } as never,
      file,
    )
    expect(proof.status, proof.message).toBe('failed')
    expect(proof.counterexample!.check.name).toBe('order.in_order')
    const simulation = await proof.counterexample!.replay()
    expect(simulation.violations.at(-1)).toMatchObject({
      name: 'order.in_order',
      cycle: proof.counterexample!.cycle,
    })
  })

  it('in the count of free labels is found', async () => {
    const file = changed(
      'hdl/trigger/clustering.sv',
      'free_count   <= LABELS;',
      "free_count   <= LABELS + 1'b1;",
    )
    const proof = await proveModule('clustering', clusteringTables, file)
    expect(proof.status).toBe('failed')
    expect(proof.asserts.filter(({ status }) => status === 'failed').map(({ name }) => name)).toContain(
      'labels_in_range',
    )
  })
})
