(() => {
'use strict';
const $ = id => document.getElementById(id);
const form = $('up'), files = $('files'), making = $('make'), queue = $('queue'), say = $('say');
// where members may only be added, the server gives them their place
const adds = 'add' in form.dataset;
const waiting = [];
let busy = false, done = 0, over = 0;

const make = (tag, text, properties) => Object.assign(document.createElement(tag), {textContent: text || ''}, properties);
const button = (text, act) => make('button', text, {type: 'button', onclick: act});
const escaped = c => '%' + c.charCodeAt(0).toString(16).toUpperCase();
const place = name => './' + encodeURIComponent(name).replace(/[!'()*]/g, escaped);
const unfit = name => /^\.{0,2}$|[/\0]/.test(name) || !(name.isWellFormed?.() ?? true);

const send = (method, url, fields, content, progress) => new Promise(answer => {
	const request = new XMLHttpRequest();
	request.open(method, url);
	request.setRequestHeader('Accept', 'application/problem+json, */*;q=0.1');
	for (const name in fields) request.setRequestHeader(name, fields[name]);
	if (progress) request.upload.onprogress = event => event.lengthComputable && progress(event.loaded / event.total);
	request.onload = () => answer(request);
	request.onerror = () => answer(null);
	request.send(content);
});
const good = request => request !== null && request.status >= 200 && request.status < 300;
const reason = request => {
	if (request === null) return 'The connection was lost, or the file cannot be read.';
	try {
		const {detail, title} = JSON.parse(request.responseText);
		if (detail || title) return detail || title;
	} catch {}
	return `The server answered ${request.status} ${request.statusText}.`;
};

const settle = () => {
	if (busy) return;
	if (queue.childElementCount > 0) {
		say.textContent = 'Not everything was uploaded.';
		if (done > 0) say.append(' ', button('Show the new list', () => location.reload()));
	} else if (done > 0) {
		location.reload();
	} else {
		say.textContent = '';
	}
};
const tell = (item, text, ...acts) => {
	item.row.className = 'bad';
	item.bar.hidden = true;
	item.note.replaceChildren(text, ...acts, button('Leave it', () => {
		item.row.remove();
		files.focus();
		settle();
	}));
};
const again = (item, fields) => () => {
	item.fields = fields;
	item.row.className = '';
	item.note.textContent = '';
	item.bar.value = 0;
	item.bar.hidden = false;
	waiting.push(item);
	work();
};
// the answer to a long file may be lost, since the server does not wait for the end of what it refuses
const isTaken = async (item, request) =>
	request?.status === 412 || request === null && !adds && good(await send('HEAD', place(item.file.name)));
const upload = async item => {
	const progress = part => { item.bar.value = part; };
	let request;
	if (adds) {
		const content = new FormData();
		content.append('file', item.file);
		request = await send('POST', './', {}, content, progress);
	} else {
		request = await send('PUT', place(item.file.name), item.fields, item.file, progress);
	}
	if (good(request)) {
		done++;
		item.row.remove();
	} else if ('If-None-Match' in item.fields && await isTaken(item, request)) {
		tell(item, 'A file of this name is here already. ', button('Replace it', again(item, {'If-Match': '*'})));
	} else {
		tell(item, reason(request) + ' ', button('Try again', again(item, {'If-None-Match': '*'})));
	}
};
const work = async () => {
	if (busy) return;
	busy = true;
	for (let item; (item = waiting.shift()) !== undefined;) {
		say.textContent = `Uploading “${item.file.name}” …`;
		await upload(item);
	}
	busy = false;
	settle();
};
const add = (file, isFolder) => {
	const item = {file, fields: {'If-None-Match': '*'}, row: make('li'), note: make('span')};
	item.bar = make('progress', '', {max: 1, value: 0, ariaLabel: file.name});
	item.row.append(make('bdi', file.name), item.bar, item.note);
	queue.append(item.row);
	if (isFolder) tell(item, 'A folder cannot be uploaded. Make one here, and put its files there. ');
	else if (unfit(file.name)) tell(item, 'A file cannot have this name here. ');
	else waiting.push(item);
};

files.onchange = () => {
	for (const file of files.files) add(file, false);
	files.value = '';
	work();
};
form.onsubmit = event => event.preventDefault();
form.querySelector('button').hidden = true;
$('hint').hidden = false;
addEventListener('beforeunload', event => { if (busy) event.preventDefault(); });

const carries = event => event.dataTransfer?.types.includes('Files');
const hover = change => {
	over = Math.max(0, change && over + change);
	document.body.classList.toggle('over', over > 0);
};
addEventListener('dragenter', event => { if (carries(event)) hover(1); });
addEventListener('dragleave', event => { if (carries(event)) hover(-1); });
addEventListener('dragover', event => { if (carries(event)) event.preventDefault(); });
addEventListener('drop', event => {
	if (!carries(event)) return;
	event.preventDefault();
	hover(0);
	for (const item of event.dataTransfer.items) {
		const file = item.getAsFile();
		if (file) add(file, item.webkitGetAsEntry?.()?.isDirectory);
	}
	work();
});

if (making) {
	making.hidden = false;
	making.onsubmit = async event => {
		event.preventDefault();
		const name = $('name').value;
		if (unfit(name)) {
			say.textContent = 'A folder cannot have this name.';
			return;
		}
		const request = await send('MKCOL', place(name) + '/');
		if (good(request)) location.reload();
		else say.textContent = reason(request);
	};
	for (const cell of document.querySelectorAll('th.d, td.d')) {
		const link = cell.parentElement.querySelector('td.n a');
		const beside = make(link ? 'td' : 'th', '', {className: 'x'});
		cell.after(beside);
		if (!link) continue;
		const url = new URL(link.href), name = link.textContent, isFolder = url.pathname.endsWith('/');
		url.search = '';
		const act = button('Delete', async () => {
			const question = isFolder ? `Delete the folder “${name}” and everything in it?` : `Delete “${name}”?`;
			if (!confirm(question)) return;
			const request = await send('DELETE', url, {'If-Match': '*'});
			if (request?.status === 207) say.textContent = `Not everything in “${name}” could be deleted.`;
			else if (good(request)) location.reload();
			else say.textContent = reason(request);
		});
		act.ariaLabel = `Delete ${name}`;
		beside.append(act);
	}
	const parent = document.querySelector('td[colspan]');
	if (parent) parent.colSpan = 4;
}
})();
