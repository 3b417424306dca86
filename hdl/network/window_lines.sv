// window_lines: the same column in the LINES rows above, from one block RAM (registers when LENGTH is 1).
//
//   below  the column at the current step without its topmost row: rows 1 ... LINES, row LINES lowest in the
//          picture and in the highest bits
//   above  rows 0 ... LINES - 1: what `below` was LENGTH steps ago
// `read` announces a step and is followed, before the next `read` or together with it, by one `write`, in
// whose clock `above` belongs to `below`. LINES * WIDTH bits x LENGTH words.
`default_nettype none
module window_lines #(
    parameter int WIDTH = 8,
    parameter int LINES = 2,
    parameter int LENGTH = 8
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    read,
    input  wire                    write,
    input  wire  [LINES*WIDTH-1:0] below,
    output logic [LINES*WIDTH-1:0] above
);
  if (LENGTH == 1) begin : g_registers
    wire unused = &{1'b0, rst, read};
    always_ff @(posedge clk) if (write) above <= below;
  end else begin : g_memory
    localparam int B = $clog2(LENGTH);
    logic [LINES*WIDTH-1:0] words[0:LENGTH-1];
    logic [B-1:0] address, write_address;
    always_ff @(posedge clk)
      if (rst) address <= '0;
      else if (read) address <= address == B'(LENGTH - 1) ? '0 : address + B'(1);
    always_ff @(posedge clk)
      if (read) begin
        above <= words[address];
        write_address <= address;
      end
    always_ff @(posedge clk) if (write) words[write_address] <= below;
  end
endmodule
`default_nettype wire
