// round_robin: one grant per clock, to each requester in turn.
//
// A requester that keeps asking waits at most PORTS - 1 clocks for the others; the asserts say so.
`default_nettype none
module round_robin #(
    parameter int PORTS = 4
) (
    input  wire              clk,
    input  wire              rst,
    input  wire  [PORTS-1:0] request,
    output logic [PORTS-1:0] grant     // at most one bit
);
  logic [PORTS-1:0] last;
  wire [PORTS-1:0] above = request & ~(last | (last - PORTS'(1)));
  logic [PORTS-1:0] candidates;
  always_comb
    if (above != '0) candidates = above;
    else candidates = request;
  wire [PORTS-1:0] chosen = candidates & (~candidates + PORTS'(1));

  always_ff @(posedge clk)
    if (rst) begin
      grant <= '0;
      last  <= '0;
    end else begin
      grant <= chosen;
      if (chosen != '0) last <= chosen;
    end

  logic [31:0] waiting;
  always_ff @(posedge clk)
    if (rst || !request[0] || chosen[0]) waiting <= '0;
    else waiting <= waiting + 32'd1;

  always_ff @(posedge clk)
    if (!rst) begin
      one_grant : assert ((grant & (grant - PORTS'(1))) == '0);
      fair : assert (waiting < PORTS);
    end
endmodule
`default_nettype wire
