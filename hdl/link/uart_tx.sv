// uart_tx: bytes to a serial line, 8 data bits, no parity, one stop bit; DIVISOR clocks per bit, 4 or more.
//
// Ten bits of DIVISOR clocks per byte, back to back when the next byte waits.
`default_nettype none
module uart_tx #(
    parameter int DIVISOR = 4
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire  [7:0] s_data,
    output wire        tx
);
  localparam int C = $clog2(DIVISOR);
  logic [8:0] line;
  logic [C-1:0] count;
  logic [3:0] bits;
  wire turn = count == 0;

  assign tx = line[0];
  assign s_ready = turn & bits == 0;

  always_ff @(posedge clk)
    if (rst) begin
      line  <= '1;
      count <= '0;
      bits  <= 4'd0;
    end else if (!turn) count <= count - 1'b1;
    else if (bits != 0) begin
      line  <= {1'b1, line[8:1]};
      bits  <= bits - 1'b1;
      count <= C'(DIVISOR - 1);
    end else if (s_valid) begin
      line  <= {s_data, 1'b0};
      bits  <= 4'd9;
      count <= C'(DIVISOR - 1);
    end
endmodule
`default_nettype wire
