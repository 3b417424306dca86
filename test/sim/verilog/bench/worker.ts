import { parentPort, workerData } from 'node:worker_threads'
import {
  designFromWorker,
  dutOf,
  Simulation,
  type TransferableDesign,
} from '../../../../sim/verilog/index.ts'

const { design, seed } = workerData as { design: TransferableDesign; seed: number }
const dut = dutOf(new Simulation(await designFromWorker(design)))
dut.in['rst'] = 1
dut.run(2)
dut.in['rst'] = 0
const items = Uint8Array.from({ length: 5000 }, (_, i) => i * 3)
const { data, cycles } = dut.stream({ source: 's', sink: 'm', items, stall: 0.4, seed })
parentPort!.postMessage({ data, cycles })
dut.close()
