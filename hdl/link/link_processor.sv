// link_processor: 16-bit accumulator machine that runs the link protocol; the program is link_program.sv.
//
// Instructions (src/gateware/link-program): bit 15: jump to 8:0 when condition 13:9 differs from bit 14, one clock.
// Else two clocks: 14:12 LD ADD SUB INC ST IN OUT DO. LD and ST with bit 9 replace low bits of the address by the index.
// IN and OUT move the accumulator down by a byte, twice with bit 11; bits 10:9 choose the source, or the drain.
// Nothing is written while rst is high: the clock may be unsteady then.
// `hold` lets the second clock of an instruction last. INC takes one clock more to write; do not read that word at once.
`default_nettype none
module link_processor #(
    parameter int INDEX_BITS = 1
) (
    input  wire         clk,
    input  wire         rst,
    output wire  [ 8:0] read_address,
    input  wire  [15:0] read_data,
    output wire         write_enable,
    output wire  [ 8:0] write_address,
    output wire  [15:0] write_data,
    // Conditions 6 and above; those below are of the accumulator.
    input  wire  [31:6] conditions,
    // The instruction in its second clock.
    output wire         execute,
    output logic [14:0] instruction,
    input  wire         hold,
    // The next byte of the received frame is needed in the next clock.
    output wire         receive_read,
    input  wire  [ 7:0] in_data,
    output logic [15:0] accumulator,
    output logic [INDEX_BITS-1:0] index
);
  logic [8:0] counter;
  logic run, increment, carry, second;

  // First clock: the instruction is at the memory's output.
  wire jump = read_data[15];
  wire [31:0] all = {
    conditions,
    accumulator[1:0] == 0,
    accumulator[14],
    accumulator[15],
    carry,
    accumulator == 0,
    1'b1
  };
  wire sequential = run | (jump & all[read_data[13:9]] == read_data[14]);
  wire [8:0] operand = {
    read_data[8:INDEX_BITS],
    ~jump & read_data[9] & ~read_data[12] ? index : read_data[INDEX_BITS-1:0]
  };
  wire done = run & ~hold & ~again;
  assign read_address = sequential ? counter : operand;

  // Second clock: the operand is.
  wire [2:0] operation = instruction[14:12];
  wire add = operation == 3'd1, subtract = operation == 3'd2, more = operation == 3'd3;
  wire store = operation == 3'd4, shift = operation == 3'd5 | operation == 3'd6;
  wire setup = operation == 3'd7 & instruction[11:9] == 3'd6;
  wire [15:0] left = add | subtract ? accumulator : 16'd0;
  wire [15:0] right = (shift ? {in_data, accumulator[15:8]} : read_data) ^ {16{subtract}};
  wire plus_one = subtract | more;
  wire [16:0] sum = {1'b0, left} + {1'b0, right} + 17'(plus_one);
  wire again = shift & instruction[11] & ~second;
  assign execute = run;
  assign receive_read = run ? operation == 3'd5 & instruction[10:9] == 0 & again
                            : read_data[15:12] == 4'd5 & read_data[10:9] == 0;

  assign write_enable = ~rst & ((run & store) | increment);
  assign write_address = {
    instruction[8:INDEX_BITS],
    instruction[9] ? index : instruction[INDEX_BITS-1:0]
  };
  assign write_data = accumulator;

  always_ff @(posedge clk)
    if (rst) begin
      run <= 1'b1;
      counter <= '0;
      instruction <= '0;
      increment <= 1'b0;
      second <= 1'b0;
    end else begin
      if (run ? done : jump) counter <= read_address + 1'b1;
      if (!run) instruction <= read_data[14:0];
      run <= run ? ~done : ~jump;
      increment <= run & more;
      if (run & ~hold) second <= again;
    end

  always_ff @(posedge clk)
    if (run & ~hold) begin
      if (!store & operation != 3'd7) accumulator <= sum[15:0];
      if (add | subtract) carry <= sum[16];
      if (setup) index <= accumulator[INDEX_BITS-1:0];
    end
endmodule
`default_nettype wire
