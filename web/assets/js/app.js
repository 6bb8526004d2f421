// The page works without any of this. Each part here makes one thing livelier.
import "./forms.js";
import "./display.js";
import "./copy.js";
import "./keys.js";
import "./notice.js";
import "./live.js";
import "./renew.js";
import "./orders.js";
import "./order.js";
import "./ops.js";
