import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type ProveOptions, prove, reach } from '../../../sim/verilog/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'gemgate-proofs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const proveText = (text: string, options: ProveOptions = {}) =>
  prove('x.sv', { cache: false, ...options, files: { 'x.sv': text } })

const counter = (body: string) => `
module counter(input wire clk, input wire rst, input wire [3:0] by, output logic [7:0] q, output logic [3:0] r);
  initial q = 8'd0;
  always_ff @(posedge clk) if (rst) q <= 8'd0; else if (q < 8'd100) q <= q + 8'd2;
  ${body}
endmodule`

describe('prove', () => {
  it('proves what holds in every reachable state', async () => {
    const proof = await proveText(
      counter('always_comb even: assert (!q[0]); always_comb most: assert (q <= 100);'),
    )
    expect(proof.status, proof.message).toBe('proven')
    expect(proof).toMatchObject({ k: 1, cached: false, message: '2 asserts proven by induction of length 1' })
    expect(proof.asserts.map(({ name, line, status }) => [name, line, status])).toEqual([
      ['even', 5, 'proven'],
      ['most', 5, 'proven'],
    ])
  })

  it('names the assert that fails, with the shortest run, and proves the others', async () => {
    const proof = await proveText(
      counter(`always_comb even: assert (!q[0]);
  always_ff @(posedge clk)
    small: assert (q < 8'd6);`),
    )
    expect(proof.status).toBe('failed')
    expect(proof.asserts.map(({ name, status }) => [name, status])).toEqual([
      ['even', 'proven'],
      ['small', 'failed'],
    ])
    const { counterexample } = proof
    expect(counterexample).toMatchObject({ check: { name: 'small', file: 'x.sv', line: 7 }, cycle: 4 })
    expect(counterexample!.inputs.map(({ rst }) => rst)).toEqual([0n, 0n, 0n, expect.anything()])
    expect(proof.message).toContain('assert small fails in cycle 4 (x.sv:7)\ncycle  1  2  3  4\n')
    const simulation = await counterexample!.replay()
    expect(simulation.violations).toMatchObject([{ name: 'small', line: 7, cycle: 4 }])
    const path = join(folder, 'small.vcd')
    await counterexample!.writeVcd(path)
    expect(readFileSync(path, 'utf8')).toMatch(/\$var (wire|reg) 8 \S+ q/)
  })

  it('says how deep it looked where induction does not close, and where that got stuck', async () => {
    const text = counter("always_comb other: assert (q != 8'd101);")
    const proof = await proveText(text, { depth: 5 })
    expect(proof).toMatchObject({ status: 'bounded', depth: 5, k: 0 })
    expect(proof.stuck).toMatch(/^q=\w+\ncycle/)
    expect((await proveText(text, { depth: 3, induction: 0 })).message).toContain('holds for 3 cycles')
  })

  it('starts from any state where a reset brings a known one', async () => {
    const text = `module state(input wire clk, input wire rst_n, output logic [3:0] q);
  always_ff @(posedge clk or negedge rst_n)
    if (!rst_n) q <= 4'd3;
    else begin
      q <= q == 4'd9 ? 4'd3 : q + 4'd1;
      range: assert (q >= 3 && q <= 9);
    end
endmodule`
    expect((await proveText(text)).counterexample?.cycle).toBe(1)
    for (const later of ['inactive', 'any'] as const) {
      const proof = await proveText(text, { reset: { port: 'rst_n', active: 0, later } })
      expect(proof.status, proof.message).toBe('proven')
    }
    const unreset = await proveText(text.replace("q <= 4'd3;", 'q <= q;'), {
      reset: { port: 'rst_n', active: 0 },
    })
    expect(unreset.status).toBe('failed')
    expect(Number(unreset.counterexample?.initial['q'])).not.toBeNaN()
  })

  it('keeps to the assumptions, and refuses those that contradict each other', async () => {
    const assumed = (text: string) =>
      counter(`always_comb assume (${text}); always_comb small: assert (q <= 8'd2);`)
    expect((await proveText(assumed('rst | q == 0'))).status).toBe('proven')
    await expect(proveText(assumed('by == 1 && by == 2'), { depth: 2 })).rejects.toMatchObject({
      code: 'GG_ASSERTION',
      message: expect.stringContaining('contradict'),
    })
  })

  it('divides by zero as the simulator does', async () => {
    const proof = await proveText(
      counter("assign r = 4'd9 / by; always_comb if (by == 0) zero: assert (r == 4'd9 / by && r == 0);"),
    )
    expect(proof.status, proof.message).toBe('proven')
  })

  it('goes from edge to edge where there are two clocks', async () => {
    const proof = await proveText(
      `module two(input wire a, input wire b, input wire d, output logic [2:0] q);
  logic [2:0] p;
  initial {p, q} = '0;
  always_ff @(posedge a) p <= d ? p + 3'd1 : 3'd0;
  always_ff @(posedge b) begin q <= p; never: assert (q < 3'd2); end
endmodule`,
      { depth: 12, induction: 0 },
    )
    expect(proof.status).toBe('failed')
    expect(Object.keys(proof.counterexample!.inputs[0]!).sort()).toEqual(['a', 'b', 'd'])
  })

  const ram = (condition: string) => `
module ram(input wire clk, input wire we, input wire [3:0] a, input wire [7:0] d, output logic [7:0] q);
  logic [7:0] words[0:15];
  initial for (int i = 0; i < 16; i++) words[i] = '0;
  always_ff @(posedge clk) begin
    if (we) words[a] <= d & 8'h7f;
    q <= words[a];
  end
  always_comb top: assert (${condition});
endmodule`

  it('takes memories as they are, or as anything', async () => {
    expect((await proveText(ram('!q[7]'), { depth: 4 })).status).toBe('bounded')
    const held = await proveText(ram('!q[7]'), { depth: 4, freeMemories: 100 })
    expect(held).toMatchObject({ status: 'bounded', depth: 1, message: expect.stringContaining('set free') })
    expect((await proveText(ram('q == q'), { free: ['words'] })).status).toBe('proven')
  })

  it('ends with what it knows when the time is over, and at once when it is called off', async () => {
    const hard = `module hard(input wire clk, input wire [31:0] a, b);
  logic [31:0] x, y;
  initial {x, y} = '0;
  always_ff @(posedge clk) begin x <= a; y <= b; end
  logic [63:0] p;
  assign p = x * y;
  always_comb never: assert (p != 64'd9223372036854775783 || x == 1 || y == 1);
endmodule`
    const proof = await proveText(hard, { timeout: 1.5 })
    expect(proof.status).toBe(proof.depth > 0 ? 'bounded' : 'unknown')
    expect(proof.message).toContain('the time ran out')
    await expect(proveText(hard, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })

  it('refuses what makes no sense, with the place', async () => {
    const plain = counter('')
    await expect(proveText(plain)).rejects.toMatchObject({ code: 'GG_USAGE', message: /no assert/ })
    for (const wrong of [{ depth: 0 }, { induction: -1 }, { timeout: Number.NaN }, { freeMemories: 1.5 }])
      await expect(proveText(plain, wrong)).rejects.toMatchObject({ code: 'GG_USAGE', message: /cannot be/ })
    await expect(proveText(plain, { top: 'x; exec' })).rejects.toMatchObject({ code: 'GG_USAGE' })
    await expect(proveText(`${plain}\nmodule`)).rejects.toMatchObject({
      code: 'GG_VERILOG_PARSE',
      file: 'x.sv',
    })
    const holds = counter('always_comb assert (1);')
    await expect(proveText(holds, { reset: 'by' })).rejects.toMatchObject({ code: 'GG_PORT' })
    await expect(prove('none.sv')).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  })

  it('keeps what it has proven, by content', async () => {
    const cache = join(folder, 'cache')
    const run = (text: string) => proveText(text, { cache })
    const [good, bad] = [
      counter('always_comb even: assert (!q[0]);'),
      counter('always_comb odd: assert (q[0]);'),
    ]
    expect((await run(good)).cached).toBe(false)
    expect(await run(good)).toMatchObject({ cached: true, status: 'proven', asserts: [{ name: 'even' }] })
    await run(bad)
    const [entry, ...others] = readdirSync(cache)
    expect(others).toEqual([])
    writeFileSync(join(cache, entry!), readFileSync(join(cache, entry!), 'utf8').replace('proven', 'bounded'))
    expect(await run(good)).toMatchObject({ cached: false, status: 'proven' })
  })
})

describe('prove does not take for proven', () => {
  const oneClock = (body: string) => `module m(input wire clk, input wire go); ${body} endmodule`

  it.each([
    [
      'what only the assumption of an initial block keeps true at the start',
      oneClock('initial assume (!go); always_ff @(posedge clk) assert (!go);'),
      2,
    ],
    [
      'what is wrong only at power-on',
      oneClock('logic q; initial q = 1; initial assert (!q); always_ff @(posedge clk) q <= go;'),
      1,
    ],
    [
      'what goes on after $finish',
      oneClock(`logic [2:0] c; always_ff @(posedge clk) begin c <= c + 1; if (c == 2) $finish; end
        always_comb assert (c != 5);`),
      6,
    ],
    [
      'a latch without any clock',
      'module m(input wire en, d); logic q; always_latch if (en) q = d; always_comb assert (!q); endmodule',
      1,
    ],
    [
      'a gated clock whose enable changes while the gate is closed',
      oneClock(`logic l, q; always_ff @(negedge clk) l <= go; wire g = clk & l;
        always_ff @(posedge g) q <= go; always_comb assert (!q);`),
      undefined,
    ],
    [
      'a word of a memory between two clocks',
      `module m(input wire a, b, d, input wire [1:0] w, r); logic x [0:3]; logic q;
        always_ff @(posedge a) x[w] <= d;
        always_ff @(posedge b) q <= x[r];
        always_comb assert (!(q && r == 3));
      endmodule`,
      undefined,
    ],
  ])('%s', async (_, text, cycle) => {
    const proof = await proveText(text, { depth: 10 })
    expect(proof.status, proof.message).toBe('failed')
    if (cycle !== undefined) expect(proof.counterexample!.cycle).toBe(cycle)
  })

  it.each([
    [
      'a loop that has no solution',
      'GG_VERILOG_LOOP',
      'wire [3:0] a; assign a = ~a; logic [3:0] q; always_ff @(posedge clk) q <= go + a[0]; always_comb assert (q != 3);',
    ],
    [
      'a register that resets itself',
      'GG_VERILOG_LOOP',
      `logic [2:0] q; wire r = q == 5; always_ff @(posedge clk or posedge r) if (r) q <= 0; else q <= q + 1;
        always_comb assert (q < 4);`,
    ],
    [
      'data that changes together with a clock made by a register',
      'GG_VERILOG_UNSUPPORTED',
      `logic half, a, b; always_ff @(posedge clk) begin half <= ~half; a <= ~a; end
        always_ff @(posedge half) b <= a;
        always_comb assert (!b);`,
    ],
    [
      'a clock gate that lets glitches through',
      'GG_VERILOG_UNSUPPORTED',
      `logic on, q; initial on = 1; wire g = clk & on; always_ff @(posedge clk) on <= 0;
        always_ff @(posedge g) q <= 1; always_comb assert (!q);`,
    ],
  ])('%s', async (_, code, body) => {
    await expect(proveText(oneClock(body), { depth: 4 })).rejects.toMatchObject({ code })
  })
})

describe('reach', () => {
  it('finds the shortest run to each cover, or that there is none', async () => {
    const text = counter(`always_ff @(posedge clk) begin
    eight: cover (q == 8'd8 && by == 4'd5);
    four: cover (q == 8'd4);
    odd: cover (q[0]);
  end`)
    const { covers } = await reach('x.sv', { files: { 'x.sv': text }, cache: false })
    const found = Object.fromEntries(
      covers.map(({ name, status, witness }) => [name, [status, witness?.cycle]]),
    )
    expect(found).toEqual({ eight: ['reached', 5], four: ['reached', 3], odd: ['unreachable', undefined] })
    const simulation = await covers.find(({ name }) => name === 'eight')!.witness!.replay()
    expect(simulation.covers.find(({ check }) => check.name === 'eight')?.count).toBe(1)
  })
})
