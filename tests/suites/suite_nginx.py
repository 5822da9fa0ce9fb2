"""nginx with two workers, a proxy and gzip, under ApacheBench: a reload, a log reopened, an end that waits."""

from case import Case

PACKAGES = ["nginx-light", "apache2-utils", "curl"]
NEEDS = ["/usr/sbin/nginx", "ab", "curl"]

CONFIGURATION = """
daemon off; worker_processes 2; pid nginx.pid; error_log error.log;
events { worker_connections 128; }
http {
        access_log access.log;
        client_body_temp_path temp_body; proxy_temp_path temp_proxy; fastcgi_temp_path temp_fastcgi;
        uwsgi_temp_path temp_uwsgi; scgi_temp_path temp_scgi;
        gzip on; gzip_types text/plain;
        server { listen unix:pages.sock; root html; }
        server { listen unix:proxy.sock; location / { proxy_pass http://unix:pages.sock:/; } }
        server { listen 127.0.0.1:PORT; root html; location /proxy/ { proxy_pass http://unix:pages.sock:/; } }
}
"""
SCRIPT = r"""
mkdir -p html
for i in 1 2 3; do seq $((i * 3000)) > html/$i.txt; done
# A port of the machine that nobody else has, below those that are given to clients.
for port in $(shuf -i 20000-30000 -n 20); do
        sed "s/PORT/$port/" nginx.conf.in > nginx.conf
        /usr/sbin/nginx -p "$PWD/" -e error.log -c nginx.conf &
        server=$!
        for i in $(seq 100); do
                [[ -s nginx.pid ]] && curl -sf -o ready "http://127.0.0.1:$port/1.txt" && break 2
                kill -0 $server 2> ready || break
                sleep 0.05
        done
done
counts() { grep -E 'Document Length|Complete requests|Failed requests|Non-2xx'; }
ab -q -k -n 3000 -c 20 "http://127.0.0.1:$port/1.txt" | counts
ab -q -n 500 -c 10 "http://127.0.0.1:$port/proxy/2.txt" | counts
curl -s --compressed "http://127.0.0.1:$port/3.txt" | cksum
kill -HUP $server
sleep 0.3
curl -s --unix-socket proxy.sock http://local/2.txt | cksum
curl -s -o body -w '%{http_code}\n' "http://127.0.0.1:$port/nothing"
kill -USR1 $server
kill -QUIT $server
wait $server
echo "the server ended with $?"
wc -l < access.log
"""


def cases():
    return [Case("bench", ["bash", "-c", SCRIPT], files={"nginx.conf.in": CONFIGURATION})]
