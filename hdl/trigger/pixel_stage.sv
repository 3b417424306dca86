// pixel_stage: pedestal subtraction and the two values of a pixel, one pixel per clock.
//
// Twin of src/trigger/pixel-stage.ts; d = 16 * pixel - mean in 1/16 ADU.
//   s_pixel    raw ADU, u16
//   s_pedestal {sigma u12 in 1/16 ADU, mean u20 in 1/16 ADU}; sigma 12'hFFF masks the pixel
//   m_content  s18 in 1/16 ADU: d limited to -cfg_clip_low ... +cfg_clip_high, for sums and moments
//   m_search   s18 in 1/16 ADU, for the filter: the entry clamp((d >>> cfg_weight_shift) + 64, 0, 255) of a table
//              of 256 words s12; the content when cfg_weight_enable is low
//   m_clipped  d is above cfg_clip_high
//   m_value    raw ADU limited to 4095 for the tile statistics; a masked pixel shows its pedestal
// Content and search of a masked pixel are 0. Latency 2 clocks while `advance` is high, throughput 1 pixel per
// clock. The whole pipeline holds while `advance` is low. One memory of 256 x 12 bits.
`default_nettype none
module pixel_stage (
    input  wire                clk,
    input  wire                rst,
    input  wire                advance,
    input  wire                weight_write,
    input  wire         [ 7:0] weight_address,
    input  wire         [11:0] weight,             // 1/16 ADU
    input  wire                cfg_weight_enable,
    input  wire         [ 2:0] cfg_weight_shift,
    input  wire         [16:0] cfg_clip_low,       // 1/16 ADU
    input  wire         [16:0] cfg_clip_high,      // 1/16 ADU
    input  wire                s_valid,
    input  wire         [15:0] s_pixel,
    input  wire         [31:0] s_pedestal,
    output logic               m_valid,
    output logic signed [17:0] m_content,
    output wire  signed [17:0] m_search,
    output logic               m_clipped,
    output logic        [11:0] m_value
);
  localparam logic [11:0] MASKED = 12'hFFF;

  wire [19:0] mean = s_pedestal[19:0];
  wire        masked = s_pedestal[31:20] == MASKED;
  wire [15:0] shown = masked ? mean[19:4] : s_pixel;

  logic               d_valid, d_masked;
  logic signed [21:0] d_difference;  // 1/16 ADU
  logic        [11:0] d_value;

  wire signed [21:0] low = -$signed({5'b0, cfg_clip_low});
  wire signed [21:0] high = $signed({5'b0, cfg_clip_high});
  wire above = d_difference > high;
  wire below = d_difference < low;

  always_ff @(posedge clk)
    if (rst) begin
      d_valid <= 1'b0;
      m_valid <= 1'b0;
    end else if (advance) begin
      d_valid <= s_valid;
      m_valid <= d_valid;
    end

  always_ff @(posedge clk)
    if (advance) begin
      d_masked     <= masked;
      d_difference <= $signed({2'b0, s_pixel, 4'b0}) - $signed({2'b0, mean});
      d_value      <= (|shown[15:12]) ? 12'hFFF : shown[11:0];
      m_clipped    <= ~d_masked & above;
      m_value      <= d_value;
      if (d_masked) m_content <= 18'sd0;
      else if (above) m_content <= high[17:0];
      else if (below) m_content <= low[17:0];
      else m_content <= d_difference[17:0];
    end

  // --- the table of weights
  logic signed [11:0] weights[0:255];
  logic signed [11:0] weight_q;
  logic weighted;
  wire signed [21:0] place = (d_difference >>> cfg_weight_shift) + 22'sd64;
  wire [7:0] entry = place[21] ? 8'd0 : (|place[20:8]) ? 8'hFF : place[7:0];
  always_ff @(posedge clk) begin
    if (weight_write) weights[weight_address] <= weight;
    if (advance & cfg_weight_enable) weight_q <= weights[entry];
  end
  always_ff @(posedge clk) if (advance) weighted <= cfg_weight_enable & ~d_masked;
  assign m_search = weighted ? {{6{weight_q[11]}}, weight_q} : m_content;
endmodule
`default_nettype wire
