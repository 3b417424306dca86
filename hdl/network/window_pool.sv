// window_pool: largest element or sum of each window, channel by channel: a tree of registered joins.
//
//   s_axis  CHANNELS * AREA lanes of BITS, lane c * AREA + k is place k of channel c's window
//   m_axis  CHANNELS x OUT_BITS
// Latency $clog2(AREA) clocks (1 for an area of 1), throughput 1 window per clock.
`default_nettype none
module window_pool #(
    parameter int CHANNELS = 1,
    parameter int AREA = 9,
    parameter int BITS = 8,
    parameter int OUT_BITS = 8,  // at least BITS
    parameter bit IS_SIGNED = 1'b1,
    parameter bit IS_SUM = 1'b0  // else the largest
) (
    input  wire                           clk,
    input  wire                           rst,
    input  wire  [CHANNELS*AREA*BITS-1:0] s_axis_tdata,
    input  wire                           s_axis_tvalid,
    output wire                           s_axis_tready,
    output wire  [CHANNELS*OUT_BITS-1:0]  m_axis_tdata,
    output wire                           m_axis_tvalid,
    input  wire                           m_axis_tready
);
  localparam int LEVELS = AREA > 1 ? $clog2(AREA) : 1;
  localparam int W = OUT_BITS;
  logic [LEVELS-1:0] valid;
  wire advance = ~valid[LEVELS-1] | m_axis_tready;
  assign s_axis_tready = advance;
  assign m_axis_tvalid = valid[LEVELS-1];
  wire awake = rst | s_axis_tvalid | valid != '0;
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) valid <= '0;
    else if (advance) valid <= LEVELS'({valid, s_axis_tvalid});

  for (genvar c = 0; c < CHANNELS; c++) begin : g_channel
    for (genvar l = 0; l <= LEVELS; l++) begin : g_level
      localparam int COUNT = (AREA + (1 << l) - 1) >> l;
      wire [COUNT*W-1:0] node;
      if (l == 0) begin : g_leaves
        for (genvar k = 0; k < AREA; k++) begin : g_leaf
          wire [BITS-1:0] x = s_axis_tdata[(c*AREA+k)*BITS+:BITS];
          assign node[k*W+:W] = IS_SIGNED ? W'($signed(x)) : W'(x);
        end
      end else begin : g_joins
        localparam int BELOW = (AREA + (1 << (l - 1)) - 1) >> (l - 1);
        logic [COUNT*W-1:0] held;
        wire enable;
        if (l == 1) assign enable = advance & s_axis_tvalid;
        else assign enable = advance & valid[l-2];
        assign node = held;
        for (genvar k = 0; k < COUNT; k++) begin : g_join
          wire [W-1:0] y;
          if (2 * k + 1 < BELOW) begin : g_two
            join_elements #(.BITS(W), .IS_SIGNED(IS_SIGNED), .IS_SUM(IS_SUM)) join_i (
                .a(g_level[l-1].node[2*k*W+:W]),
                .b(g_level[l-1].node[(2*k+1)*W+:W]),
                .y(y)
            );
          end else begin : g_one
            assign y = g_level[l-1].node[2*k*W+:W];
          end
          always_ff @(posedge clk) if (enable) held[k*W+:W] <= y;
        end
      end
    end
    assign m_axis_tdata[c*W+:W] = g_level[LEVELS].node;
  end
endmodule
`default_nettype wire
