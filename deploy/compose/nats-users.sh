# Who may do what on the NATS servers of compose.yaml: run at each start, before them, by a shell that has the program at hand.
#
# At the first start it makes a key for each user; later ones it keeps. The configuration of the servers is written at each start, so that
# after an upgrade it says what the roles of that version need. In production the same is done by hand: docs/nats-security.md.
#
#   HOME_DIR  keeps the public keys, and in config/ what the servers read. The password by which the servers know each other is in both, so it is
#             for them alone
#   KEYS_DIR  has a folder for each role, into which its secret key goes, and into no other
#   SERVERS   the hosts of the three servers, separated by commas
set -eu

if [ ! -d "$HOME_DIR/public" ]; then
    # What a start that was cut off has left: none of its keys was ever used.
    rm -rf "$HOME_DIR/made"
    ordertrace ops nats-config "$HOME_DIR/made" --keys "$HOME_DIR/made/keys" --users-only
    for role in command-api saga projections audit ops; do
        mv -f "$HOME_DIR/made/keys/$role.nk" "$KEYS_DIR/$role/nats.nk"
    done
    # Nobody here is an auditor at a terminal or a dashboard.
    rm "$HOME_DIR/made/keys/auditor.nk" "$HOME_DIR/made/keys/monitor.nk"
    # The last step, by one rename: without this folder everything is made anew.
    mv "$HOME_DIR/made/keys" "$HOME_DIR/public"
fi

rm -rf "$HOME_DIR/made"
ordertrace ops nats-config "$HOME_DIR/made" --users-from "$HOME_DIR/public" \
    --cluster "$SERVERS" --listen 0.0.0.0:4222 --store-dir /data
# The servers are root without its privileges: who does not own a file that is for its owner alone can't read it. This volume is theirs only.
chmod a+r "$HOME_DIR/made/"*
mkdir -p "$HOME_DIR/config"
mv -f "$HOME_DIR/made/"* "$HOME_DIR/config/"
rm -rf "$HOME_DIR/made"
